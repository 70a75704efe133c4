/**
 * /api/v1/permissions (docs/reference/credhub-server.md#permissions-v1-endpoints,
 * docs/reference/credhub-server.md#levels).
 */
import { auditOf, type Caller } from '../caller.ts';
import { CredError } from '../errors.ts';
import { isStorable, withSlash } from '../identifiers/name.ts';
import type { JsonNode } from '../json/tree.ts';
import type { Grant, PermissionRow } from '../ports/permissions.ts';
import { readV1, type V1Entry } from './entry.ts';
import type { PermissionDeps } from './service.ts';
import { guardOf, hasPermission, permissionAudit, refuseOwnEntry } from './v2.ts';

interface PermissionList {
  credentialName: string;
  permissions: PermissionRow[];
}

/** Returns the stored spelling of a credential's name, without a permission check; undefined if it does not exist. */
async function storedName(deps: PermissionDeps, name: string): Promise<string | undefined> {
  const view = await deps.records.viewForWrite({ access: { actor: null }, name });
  return view.credential?.name;
}

export async function listPermissions(
  deps: PermissionDeps,
  caller: Caller,
  requestedName: string,
): Promise<PermissionList> {
  const name = withSlash(requestedName);
  const credentialName = isStorable(name) ? await storedName(deps, name) : undefined;
  const permissions = credentialName === undefined ? [] : await deps.permissions.listByPath(credentialName);
  // read_acl is checked for the stored spelling of the name (recorded). It is checked after the read: a permission
  // revoked before the read must not expose what it returned.
  if (credentialName === undefined || !(await hasPermission(deps, caller, 'read_acl', credentialName))) {
    throw new CredError('credential_not_found');
  }
  await deps.readAudit.append(auditOf(deps, caller, { action: 'GET_PERMISSIONS', resource: name }));
  return { credentialName, permissions };
}

export async function addPermissions(deps: PermissionDeps, caller: Caller, body: JsonNode): Promise<PermissionList> {
  const { name, entries } = readV1(body);
  const path = await resolvePath(deps, caller, name);
  const newGrants = await findNewGrants(deps, caller, path, entries);
  const [first] = newGrants;
  if (first) {
    const rows = await deps.permissions.union({
      entries: newGrants.map((grant) => ({ ...grant, uuid: deps.entropy.uuid() })),
      audit: permissionAudit(deps, caller, 'ADD_PERMISSIONS', {
        path,
        actor: newGrants.map(({ actor }) => actor).join(' '),
        operations: [...new Set(newGrants.flatMap(({ operations }) => operations))],
      }),
      guard: guardOf(deps, caller, name),
    });
    if (rows.length === 0) throw new CredError('credential_not_found');
  }
  return { credentialName: path, permissions: await deps.permissions.listByPath(path) };
}

export async function deletePermissions(
  deps: PermissionDeps,
  caller: Caller,
  query: { credentialName: string; actor: string },
): Promise<PermissionRow> {
  const name = withSlash(query.credentialName);
  const path = await resolvePath(deps, caller, name);
  refuseOwnEntry(deps, caller, query.actor);
  const row = isStorable(query.actor) ? await deps.permissions.get({ path, actor: query.actor }) : undefined;
  const audit = row && permissionAudit(deps, caller, 'DELETE_PERMISSIONS', row);
  const guard = guardOf(deps, caller, name);
  const deleted = row && audit ? await deps.permissions.delete({ uuid: row.uuid, audit, guard }) : undefined;
  if (deleted === undefined) throw new CredError('credential_not_found');
  return deleted;
}

/** Returns the path whose entries change. At level 1 the credential must exist. */
async function resolvePath(deps: PermissionDeps, caller: Caller, name: string): Promise<string> {
  if (!isStorable(name) || !(await hasPermission(deps, caller, 'write_acl', name)))
    throw new CredError('credential_not_found');
  if (deps.level.permissionsV1 === 'of_path') return name;
  const storedPath = await storedName(deps, name);
  if (storedPath === undefined) throw new CredError('credential_not_found');
  return storedPath;
}

function grantOf(deps: PermissionDeps, caller: Caller, path: string, { actor, operations }: V1Entry): Grant {
  if (actor === undefined) throw new CredError('invalid_update_operation');
  refuseOwnEntry(deps, caller, actor);
  return { path, actor, operations };
}

/**
 * Returns the entries that grant their actor a new operation. Entries for the path and the folders above it count as
 * held. At level 2 the first entry that adds nothing fails the request.
 */
async function findNewGrants(
  deps: PermissionDeps,
  caller: Caller,
  path: string,
  entries: readonly V1Entry[],
): Promise<Grant[]> {
  const newGrants: Grant[] = [];
  for (const entry of entries) {
    const grant = grantOf(deps, caller, path, entry);
    const held = await deps.permissions.held(grant);
    if (grant.operations.some((operation) => !held.has(operation))) newGrants.push(grant);
    else if (deps.level.permissionsV1 === 'of_path') throw new CredError('permission_already_exists');
  }
  return newGrants;
}
