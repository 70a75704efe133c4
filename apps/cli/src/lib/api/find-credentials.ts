import { listField, textField } from '../format/json-tree.ts';
import type { Api } from './api.ts';

/** A line of `find`. */
export interface Found {
  readonly name: string;
  readonly versionCreatedAt: string;
}

/** What a search lists, in the server's order: newest first. */
export async function findCredentials(
  api: Api,
  query: { readonly path: string } | { readonly 'name-like': string },
): Promise<readonly Found[]> {
  const answer = await api.call({ method: 'GET', path: '/api/v1/data', query });
  return listField(answer, 'credentials').map((item) => ({
    name: textField(item, 'name') ?? '',
    versionCreatedAt: textField(item, 'version_created_at') ?? '',
  }));
}
