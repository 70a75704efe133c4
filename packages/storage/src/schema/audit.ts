/** The audit log. */
import { index, pgTable, text } from 'drizzle-orm/pg-core';
import { counter, hashOf, time } from './columns.ts';

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
  (t) => [
    // A range index (BRIN) costs writes less, but reads every range that is not summarized yet and any that is out of order.
    index('audit_event_at').on(t.at),
    // The id gives the order of the log, so a page of a frequent actor or name is read without its other rows.
    index('audit_event_actor').on(hashOf(t.actor), t.id),
    index('audit_event_resource').on(hashOf(t.resource), t.id),
  ],
);
