/**
 * `@credplex/storage`: the record store on PostgreSQL (external or embedded) and the secret vaults.
 *
 * To add a family of tables: add a file in `schema/` and its generated migration (docs/reference/storage.md, "A new migration"), a
 * folder that exports `create<Family>Records(db: Database)`, and a line below. Add sealed columns to `vault/sealed-tables.ts`.
 */

export { createAccountRecords } from './accounts/accounts.ts';
export { writeAudit } from './audit/audit-event.ts';
export type { AuditFilter, AuditLog, AuditRow } from './audit/audit-log.ts';
export { type RepairProgress, repairAuthorities } from './credentials/repair-authorities.ts';
export * from './open-storage.ts';
export { createPlexsphereRecords } from './plexsphere/plexsphere.ts';
export { type Database, openDatabase, type Transaction, type Value } from './postgres/database.ts';
export { migrate } from './postgres/migrate.ts';
export { addKey, type KeyRingConfig, type KnownKey, listKeys, retireKey } from './vault/key-ring.ts';
export { type ResealProgress, resealAll, usedKeys } from './vault/key-rotation.ts';
export type { KeySource } from './vault/key-source.ts';
export type { OpenBaoConfig } from './vault/openbao-vault.ts';
