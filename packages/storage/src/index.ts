/**
 * `@credplex/storage`: the record store on PostgreSQL (outside or embedded) and the secret vaults.
 *
 * Another family of tables is: `records/migrations/<next number>_<family>.sql`, `records/<family>.ts` that exports
 * `create<Family>Records(db: Database)`, and a line below. Its sealed columns, if any, are a line in `records/sealed-tables.ts`.
 */
export * from './open-storage.ts';
export { createAccountRecords } from './records/accounts.ts';
export { writeAudit } from './records/audit-event.ts';
export type { AuditFilter, AuditLog, AuditRow } from './records/audit-log.ts';
export { type Database, openDatabase, type Transaction, type Value } from './records/database.ts';
export { migrate } from './records/migrate.ts';
export { createPlexsphereRecords } from './records/plexsphere.ts';
export { type RepairProgress, repairAuthorities } from './records/repair-authorities.ts';
export { type ResealProgress, resealAll, usedKeys } from './records/reseal.ts';
export { addKey, type KeyRingConfig, type KnownKey, listKeys, retireKey } from './vault/key-ring.ts';
export type { KeySource } from './vault/key-source.ts';
export type { OpenBaoConfig } from './vault/openbao.ts';
