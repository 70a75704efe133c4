/** Permission entries: who may do what on a name or on all names of a folder. */
import type { AuditEvent } from './audit.ts';

export const OPERATIONS = ['read', 'write', 'delete', 'read_acl', 'write_acl'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Who asks. `null`: ACLs are off, everything is allowed. */
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

/** Who changes entries, and the path on which that actor must hold write_acl when the change is made. */
export interface PermissionGuard extends Access {
  readonly path: string;
}

/**
 * Checks permission on the entry's own path, by `permissionPaths(path)`
 * (docs/reference/credhub-server.md#permission-rules). A change with a `guard` that does not hold does nothing: it
 * answers like one that found nothing to change.
 */
export interface PermissionRecords {
  /** Operations the actor holds on a name or path pattern. */
  held(query: { actor: string; path: string }): Promise<ReadonlySet<Operation>>;
  /** Entries for exactly this path, oldest first. */
  listByPath(path: string): Promise<PermissionRow[]>;
  get(query: { path: string; actor: string }): Promise<PermissionRow | undefined>;
  getById(uuid: string): Promise<PermissionRow | undefined>;
  /** Whether a credential of this name (any case) exists. */
  credentialExists(name: string): Promise<boolean>;
  /** Creates; `exists` when path and actor are taken. Never a 500 for a race. */
  create(
    entry: Grant & { uuid: string; audit: AuditEvent; guard?: PermissionGuard },
  ): Promise<{ outcome: 'created'; row: PermissionRow } | { outcome: 'exists' }>;
  /** Adds operations to entries of one path, making what is missing; all or nothing. Rows as they are afterwards. */
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
