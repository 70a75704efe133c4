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
 * Stores one value and returns the server's answer. `server` saves asking for its version again, where many are set.
 *
 * @throws ServerFailure, or CommandFailure when the server is too old for metadata.
 */
export async function setCredential(api: Api, credential: NewCredential, server?: KnownServer): Promise<Value> {
  const known = server ?? (await knownServer(api));
  const { name, type, value, metadata } = credential;
  if (metadata !== undefined) await requireMetadata(api, known);
  // Before 2.0 a set that does not say so keeps the value that is there.
  const mode = isOlder(known.version, [2, 0]) ? ('overwrite' as const) : undefined;
  // The server knows which types there are, and refuses others in its own words.
  const body = { name, type: type as TypeName, value, metadata, ...(mode === undefined ? {} : { mode }) };
  return api.call('PUT /api/v1/data', { body });
}
