import { bulkRegenerate } from './bulk-regenerate.ts';
import { deleteCredential } from './delete.ts';
import { retryWhenDeleted } from './deleted-meanwhile.ts';
import { generateCredential } from './generate.ts';
import { interpolate } from './interpolate.ts';
import { createKnownNames } from './known-names.ts';
import { findCredentials, getById, getByName, keyUsage, listPaths } from './read.ts';
import { regenerateCredential } from './regenerate.ts';
import type { CredentialDeps, Credentials } from './service.ts';
import { setCredential } from './set.ts';

/** Creates the use cases of CredHub's data endpoints. Performs no I/O. */
export function createCredentials(baseDeps: CredentialDeps): Credentials {
  const deps = { ...baseDeps, knownNames: createKnownNames() };
  return {
    set: (caller, body) => retryWhenDeleted(() => setCredential(deps, caller, body)),
    generate: (caller, body) => retryWhenDeleted(() => generateCredential(deps, caller, body)),
    regenerate: (caller, body) => retryWhenDeleted(() => regenerateCredential(deps, caller, body)),
    bulkRegenerate: (caller, body) => retryWhenDeleted(() => bulkRegenerate(deps, caller, body)),
    getById: (caller, id) => retryWhenDeleted(() => getById(deps, caller, id)),
    getByName: (caller, query) => retryWhenDeleted(() => getByName(deps, caller, query)),
    delete: (caller, name) => deleteCredential(deps, caller, name),
    find: (caller, query) => findCredentials(deps, caller, query),
    paths: (caller) => listPaths(deps, caller),
    interpolate: (caller, body, options) => retryWhenDeleted(() => interpolate(deps, caller, body, options)),
    keyUsage: () => keyUsage(deps),
  };
}
