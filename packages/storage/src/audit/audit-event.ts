/** Writes audit rows in the statement or transaction of the change that they record. */
import type { AuditEvent } from '@credplex/core';
import { type SQL, sql } from 'drizzle-orm';
import type { Transaction } from '../postgres/database.ts';
import { listOf, namesOf, type RowOf, recordDefinition, typeOf } from '../postgres/fragments.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { auditEvent } from '../schema/index.ts';

/** Columns of an event, keyed by the names of their parameters in a statement that also writes other tables. */
export const AUDIT_COLUMNS = {
  auditAt: auditEvent.at,
  auditRequestId: auditEvent.requestId,
  auditActor: auditEvent.actor,
  auditAction: auditEvent.action,
  auditResource: auditEvent.resource,
  auditVersionId: auditEvent.versionId,
  auditDetails: auditEvent.details,
} as const;

export type AuditValues = RowOf<typeof AUDIT_COLUMNS>;

/** Replaces U+0000, which clients may send and PostgreSQL text cannot hold. */
function replaceNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text;
}

export function auditValues(event: AuditEvent): AuditValues {
  const { at, requestId, actor, action, resource, versionId, details } = event;
  return {
    auditAt: at,
    auditRequestId: replaceNul(requestId),
    auditActor: replaceNul(actor),
    auditAction: action,
    auditResource: resource === null ? null : replaceNul(resource),
    auditVersionId: versionId ?? null,
    auditDetails: details && Object.keys(details).length > 0 ? JSON.stringify(details) : null,
  };
}

/** Returns an insert of one event per row of `from`; `value` gives the SQL of a column's value. */
export function insertAudit(value: (name: keyof AuditValues) => SQL, from: SQL): SQL {
  return sql`
  insert into ${auditEvent} (${namesOf(Object.values(AUDIT_COLUMNS))})
  select ${listOf(Object.keys(AUDIT_COLUMNS).map((name) => value(name as keyof AuditValues)))} ${from}`;
}

/** Returns an insert of one event per row of `from`, with the parameters of the statement as its values. */
export function insertAuditOf(p: Parameters<AuditValues>, from: SQL): SQL {
  return insertAudit((name) => sql`${p[name]}::${typeOf(AUDIT_COLUMNS[name])}`, from);
}

/** Inserts a list of {@link AuditValues}, passed as one JSON text. */
const INSERT_EVENTS = defineStatement(
  (p: Parameters<{ events: string }>) =>
    sql`${insertAudit(
      (name) => sql`${sql.identifier(name)}`,
      sql`from json_to_recordset(${p.events}::text::json) as event (${recordDefinition(AUDIT_COLUMNS)})`,
    )}`,
);

/** Maximum number of events per statement. */
export const AUDIT_BATCH_ROWS = 2_000;

/** Writes events in the transaction of their change, so that both are stored or neither is. */
export async function writeAudit(tx: Pick<Transaction, 'run'>, events: readonly AuditEvent[]): Promise<void> {
  for (let start = 0; start < events.length; start += AUDIT_BATCH_ROWS) {
    const rows = events.slice(start, start + AUDIT_BATCH_ROWS).map(auditValues);
    await tx.run(INSERT_EVENTS, { events: JSON.stringify(rows) });
  }
}
