/** Permission entries: the operations of an actor on a name, or on all names in a folder. */
import type { AuditEvent } from './audit.ts';

export const OPERATIONS = ['read', 'write', 'delete', 'read_acl', 'write_acl'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** The caller. `null`: ACLs are off and everything is allowed. */
export interface Access {
  readonly actor: string | null;
}

export interface Grant {
  readonly path: string;
  readonly actor: string;
  readonly operations: readonly Operation[];
}

export interface PermissionRow {
  readonly uuid: string;
  readonly path: string;
  readonly actor: string;
  /** In the order of {@link OPERATIONS}. */
  readonly operations: readonly Operation[];
}

/** The actor of a change, and the path on which it must hold write_acl when the change is written. */
export interface PermissionGuard extends Access {
  readonly path: string;
}

/**
 * Permission on a path is checked with `permissionPaths(path)` (docs/reference/credhub-server.md#permission-rules). A
 * change whose `guard` does not hold has no effect and reports that nothing was found.
 */
export interface PermissionRecords {
  /** Returns the operations that the actor holds on a name or path pattern. */
  held(query: { actor: string; path: string }): Promise<ReadonlySet<Operation>>;
  /** Lists the entries for exactly this path, oldest first. */
  listByPath(path: string): Promise<PermissionRow[]>;
  get(query: { path: string; actor: string }): Promise<PermissionRow | undefined>;
  getById(uuid: string): Promise<PermissionRow | undefined>;
  /** Returns whether a credential with this name exists, in any case. */
  credentialExists(name: string): Promise<boolean>;
  /** Creates an entry. `exists`: path and actor already have one, also in a race. */
  create(
    entry: Grant & { uuid: string; audit: AuditEvent; guard?: PermissionGuard },
  ): Promise<{ outcome: 'created'; row: PermissionRow } | { outcome: 'exists' }>;
  /**
   * Adds operations to entries of one path, creating missing entries. Atomic. Resolves to the rows after the change.
   */
  union(request: {
    entries: readonly (Grant & { uuid: string })[];
    audit: AuditEvent | undefined;
    guard?: PermissionGuard;
  }): Promise<PermissionRow[]>;
  replace(request: {
    uuid: string;
    operations: readonly Operation[];
    audit: AuditEvent;
    guard?: PermissionGuard;
  }): Promise<PermissionRow | undefined>;
  delete(request: { uuid: string; audit: AuditEvent; guard?: PermissionGuard }): Promise<PermissionRow | undefined>;
}
