/** The use cases of CredHub's permissions endpoints, and their dependencies. */
import type { Caller } from '../caller.ts';
import type { JsonNode } from '../json/tree.ts';
import type { Level } from '../level.ts';
import type { ReadAudit } from '../ports/audit.ts';
import type { Clock, Entropy } from '../ports/clock.ts';
import type { Operation, PermissionRecords, PermissionRow } from '../ports/permissions.ts';
import type { CredentialRecords } from '../ports/records.ts';

export interface PermissionDeps {
  readonly records: Pick<CredentialRecords, 'viewForWrite'>;
  readonly permissions: PermissionRecords;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly readAudit: ReadAudit;
  readonly level: Level;
  readonly aclsEnabled: boolean;
}

/** The operations on permissions (docs/reference/credhub-server.md#permission-rules). */
export interface Permissions {
  listV1(caller: Caller, credentialName: string): Promise<{ credentialName: string; permissions: PermissionRow[] }>;
  /** Resolves to the list after the change: level 1 returns it, level 2 returns an empty body. */
  addV1(caller: Caller, body: JsonNode): Promise<{ credentialName: string; permissions: PermissionRow[] }>;
  deleteV1(caller: Caller, query: { credentialName: string; actor: string }): Promise<PermissionRow>;
  create(caller: Caller, body: JsonNode): Promise<PermissionRow>;
  find(caller: Caller, query: { path: string; actor: string }): Promise<PermissionRow>;
  get(caller: Caller, uuid: string): Promise<PermissionRow>;
  put(caller: Caller, uuid: string, body: JsonNode): Promise<PermissionRow>;
  patch(caller: Caller, uuid: string, body: JsonNode): Promise<PermissionRow>;
  delete(caller: Caller, uuid: string): Promise<PermissionRow>;
  /** Adds configured entries to the stored ones. */
  seed(
    entries: readonly { path: string; actors: readonly string[]; operations: readonly Operation[] }[],
  ): Promise<void>;
}
