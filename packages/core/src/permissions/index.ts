import { withSlash } from '../identifiers/name.ts';
import type { PermissionDeps, Permissions } from './service.ts';
import { addPermissions, deletePermissions, listPermissions } from './v1.ts';
import {
  createPermission,
  deletePermission,
  findPermission,
  getPermission,
  patchPermission,
  putPermission,
} from './v2.ts';

/** Creates the use cases of CredHub's permissions endpoints. */
export function createPermissions(deps: PermissionDeps): Permissions {
  return {
    listV1: (caller, name) => listPermissions(deps, caller, name),
    addV1: (caller, body) => addPermissions(deps, caller, body),
    deleteV1: (caller, query) => deletePermissions(deps, caller, query),
    create: (caller, body) => createPermission(deps, caller, body),
    find: (caller, query) => findPermission(deps, caller, query),
    get: (caller, uuid) => getPermission(deps, caller, uuid),
    put: (caller, uuid, body) => putPermission(deps, caller, uuid, body),
    patch: (caller, uuid, body) => patchPermission(deps, caller, uuid, body),
    delete: (caller, uuid) => deletePermission(deps, caller, uuid),
    seed: (entries) => seed(deps, entries),
  };
}

/** Adds configured entries to the stored ones. Runs at every start. */
async function seed(deps: PermissionDeps, configured: Parameters<Permissions['seed']>[0]): Promise<void> {
  const entries = configured.flatMap(({ path, actors, operations }) =>
    actors.map((actor) => ({ path: withSlash(path), actor, operations, uuid: deps.entropy.uuid() })),
  );
  if (entries.length > 0) await deps.permissions.union({ entries, audit: undefined });
}
