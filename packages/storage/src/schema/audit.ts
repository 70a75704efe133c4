/**
 * The tables of `0001_shared.sql` as drizzle sees them, for queries that only operators' commands run. It is loaded
 * when one runs and not before: loading drizzle takes 0.8 s and 200 MiB (docs/reference/storage.md), a server has no
 * use for either.
 */
import { bigint, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

export const auditEvent = pgTable('audit_event', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  at: timestamp('at', { withTimezone: true, mode: 'string' }).notNull(),
  requestId: text('request_id').notNull(),
  actor: text('actor').notNull(),
  action: text('action').notNull(),
  resource: text('resource'),
  versionId: text('version_id'),
  details: text('details'),
});
