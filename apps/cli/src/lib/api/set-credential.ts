import type { TypeName } from '@credplex/core/credential-types';
import type { Value } from '../format/json-tree.ts';
import type { Api } from './api.ts';
import { isOlder, type KnownServer, knownServer, requireMetadata } from './server-version.ts';

export interface NewCredential {
  readonly name: string;
  readonly type: string;
  readonly value: Value;
  readonly metadata?: Value | undefined;
}

/**
 * Sets a credential and returns the server's response. Passing `server` saves a version request for each credential.
 *
 * @throws ServerFailure, or CommandFailure when the server is too old for metadata.
 */
export async function setCredential(api: Api, credential: NewCredential, server?: KnownServer): Promise<Value> {
  const known = server ?? (await knownServer(api));
  const { name, type, value, metadata } = credential;
  if (metadata !== undefined) await requireMetadata(api, known);
  // Before 2.0, set keeps an existing value by default.
  const mode = isOlder(known.version, [2, 0]) ? ('overwrite' as const) : undefined;
  // The server validates the type, so that its error text is shown.
  const body = { name, type: type as TypeName, value, metadata, ...(mode === undefined ? {} : { mode }) };
  return api.call('PUT /api/v1/data', { body });
}
