/** The audit log. */
import { index, pgTable, text } from 'drizzle-orm/pg-core';
import { counter, time } from './columns.ts';

export const auditEvent = pgTable(
  'audit_event',
  {
    id: counter('id').primaryKey().generatedAlwaysAsIdentity(),
    at: time('at').notNull(),
    requestId: text('request_id').notNull(),
    actor: text('actor').notNull(),
    action: text('action').notNull(),
    resource: text('resource'),
    versionId: text('version_id'),
    /** JSON text. */
    details: text('details'),
  },
  // Rows are inserted nearly in the order of time, so a small range index is enough and costs writes almost nothing.
  (t) => [index('audit_event_at').using('brin', t.at).with({ pages_per_range: 16 })],
);
