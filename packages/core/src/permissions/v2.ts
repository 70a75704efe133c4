/**
 * /api/v2/permissions (docs/reference/credhub-server.md#permissions-v2-endpoints,
 * docs/reference/credhub-server.md#refusals).
 */
import { accessOf, auditOf, type Caller } from '../caller.ts';
import { CredError } from '../errors.ts';
import { isStorable, withSlash } from '../identifiers/name.ts';
import { readUuid } from '../identifiers/uuid.ts';
import type { JsonNode } from '../json/tree.ts';
import type { Operation, PermissionGuard, PermissionRow } from '../ports/permissions.ts';
import { type Entry, readEntry, readPatch } from './entry.ts';
import type { PermissionDeps } from './service.ts';

/** Returns whether the caller holds an operation on a path, by entries for the path or a folder above it. */
export async function hasPermission(
  deps: PermissionDeps,
  caller: Caller,
  operation: Operation,
  path: string,
): Promise<boolean> {
  const { actor } = accessOf(deps, caller);
  return actor === null || (await deps.permissions.held({ actor, path })).has(operation);
}

/** Returns the guard that repeats the permission check in the writing statement, in case it was revoked meanwhile. */
export function guardOf(deps: PermissionDeps, caller: Caller, path: string): PermissionGuard {
  return {
    ...accessOf(deps, caller),
    path,
  };
}

/** Refuses changes to the caller's own entries, unless ACLs are off. @throws CredError `invalid_update_operation` */
export function refuseOwnEntry(deps: PermissionDeps, caller: Caller, actor: string): void {
  if (deps.aclsEnabled && actor === caller.actor) throw new CredError('invalid_update_operation');
}

export function permissionAudit(deps: PermissionDeps, caller: Caller, action: string, entry: Entry) {
  return auditOf(deps, caller, {
    action,
    resource: entry.path,
    details: { actor: entry.actor, operations: entry.operations },
  });
}

export async function createPermission(deps: PermissionDeps, caller: Caller, body: JsonNode): Promise<PermissionRow> {
  const entry = readEntry(body);
  if (!(await hasPermission(deps, caller, 'write_acl', entry.path))) throw new CredError('credential_not_found');
  refuseOwnEntry(deps, caller, entry.actor);
  const audit = permissionAudit(deps, caller, 'ADD_PERMISSIONS', entry);
  const guard = guardOf(deps, caller, entry.path);
  const result = await deps.permissions.create({ ...entry, uuid: deps.entropy.uuid(), audit, guard });
  if (result.outcome === 'created') return result.row;
  const isStillAllowed = await hasPermission(deps, caller, 'write_acl', entry.path);
  throw new CredError(isStillAllowed ? 'permission_already_exists' : 'credential_not_found');
}

export async function findPermission(
  deps: PermissionDeps,
  caller: Caller,
  query: { path: string; actor: string },
): Promise<PermissionRow> {
  const path = withSlash(query.path);
  const canMatch = isStorable(path) && isStorable(query.actor);
  const row = canMatch ? await deps.permissions.get({ path, actor: query.actor }) : undefined;
  // Permission is checked after the read: a permission revoked before the read must not expose what it returned.
  if (row === undefined || !(await hasPermission(deps, caller, 'read_acl', path)))
    throw new CredError('permission_not_found');
  await deps.readAudit.append(auditOf(deps, caller, { action: 'GET_PERMISSIONS', resource: path }));
  return row;
}

export async function getPermission(deps: PermissionDeps, caller: Caller, requestedId: string): Promise<PermissionRow> {
  const uuid = readUuid(requestedId);
  if (uuid === undefined) throw new CredError('permission_not_found');
  const row = await deps.permissions.getById(uuid);
  if (row === undefined || !(await hasPermission(deps, caller, 'read_acl', row.path))) {
    throw new CredError('credential_not_found');
  }
  await deps.readAudit.append(auditOf(deps, caller, { action: 'GET_PERMISSIONS', resource: row.path }));
  return row;
}

export async function putPermission(
  deps: PermissionDeps,
  caller: Caller,
  uuid: string,
  body: JsonNode,
): Promise<PermissionRow> {
  const entry = readEntry(body);
  const row = await findChangeable(deps, caller, uuid);
  if (row.path !== entry.path || row.actor !== entry.actor) throw new CredError('wrong_path_and_actor');
  return replace(deps, caller, row, entry.operations, 'PUT_PERMISSIONS');
}

export async function patchPermission(
  deps: PermissionDeps,
  caller: Caller,
  uuid: string,
  body: JsonNode,
): Promise<PermissionRow> {
  const operations = readPatch(body);
  return replace(deps, caller, await findChangeable(deps, caller, uuid), operations, 'PATCH_PERMISSIONS');
}

export async function deletePermission(deps: PermissionDeps, caller: Caller, uuid: string): Promise<PermissionRow> {
  const row = await findChangeable(deps, caller, uuid);
  const audit = permissionAudit(deps, caller, 'DELETE_PERMISSIONS', row);
  const guard = guardOf(deps, caller, row.path);
  return (await deps.permissions.delete({ uuid: row.uuid, audit, guard })) ?? throwNotFound();
}

/** Returns an entry that the caller may change. Unknown, malformed and hidden ids give the same error. */
async function findChangeable(deps: PermissionDeps, caller: Caller, requestedId: string): Promise<PermissionRow> {
  const uuid = readUuid(requestedId);
  const row = uuid === undefined ? undefined : await deps.permissions.getById(uuid);
  if (row === undefined || !(await hasPermission(deps, caller, 'write_acl', row.path))) return throwNotFound();
  refuseOwnEntry(deps, caller, row.actor);
  return row;
}

async function replace(
  deps: PermissionDeps,
  caller: Caller,
  row: PermissionRow,
  operations: readonly Operation[],
  action: string,
): Promise<PermissionRow> {
  const audit = permissionAudit(deps, caller, action, { ...row, operations });
  const guard = guardOf(deps, caller, row.path);
  return (await deps.permissions.replace({ uuid: row.uuid, operations, audit, guard })) ?? throwNotFound();
}

function throwNotFound(): never {
  throw new CredError('permission_does_not_exist');
}
