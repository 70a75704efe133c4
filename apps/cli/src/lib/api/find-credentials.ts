import { listOf, textOf } from '../format/document.ts';
import type { Api } from './api.ts';

/** A line of `find`. */
export interface Found {
  readonly name: string;
  readonly versionCreatedAt: string;
}

/** Finds credentials, in the server's order: newest first. */
export async function findCredentials(
  api: Api,
  query: { readonly path: string } | { readonly 'name-like': string },
): Promise<readonly Found[]> {
  const answer = await api.call('GET /api/v1/data', { query });
  return listOf(answer, 'credentials').map((item) => ({
    name: textOf(item, 'name') ?? '',
    versionCreatedAt: textOf(item, 'version_created_at') ?? '',
  }));
}
