/** Audit rows, written inside the statement or transaction of the change that they record. */
import type { AuditEvent } from '@credplex/core';
import { type SQL, sql } from 'drizzle-orm';
import type { Transaction } from '../postgres/database.ts';
import { listOf, namesOf, type RowOf, recordDefinition, typeOf } from '../postgres/fragments.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { auditEvent } from '../schema/index.ts';

/** Columns of an event, by their names among the values of a statement that also writes something else. */
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

/** Names that clients send may hold U+0000, which text cannot; no row is looked up by it. */
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

/** An insert of one event per row of `from`; `value` gives the SQL of a column's value. */
export function insertAudit(value: (name: keyof AuditValues) => SQL, from: SQL): SQL {
  return sql`
  insert into ${auditEvent} (${namesOf(Object.values(AUDIT_COLUMNS))})
  select ${listOf(Object.keys(AUDIT_COLUMNS).map((name) => value(name as keyof AuditValues)))} ${from}`;
}

/** An insert of an event per row of `from` whose columns are values of the statement. */
export function insertAuditOf(p: Parameters<AuditValues>, from: SQL): SQL {
  return insertAudit((name) => sql`${p[name]}::${typeOf(AUDIT_COLUMNS[name])}`, from);
}

/** Inserts {@link AuditValues} that travel as one JSON text. */
const INSERT_EVENTS = defineStatement(
  (p: Parameters<{ events: string }>) =>
    sql`${insertAudit(
      (name) => sql`${sql.identifier(name)}`,
      sql`from json_to_recordset(${p.events}::text::json) as event (${recordDefinition(AUDIT_COLUMNS)})`,
    )}`,
);

/** Events of one statement. */
export const AUDIT_BATCH_ROWS = 2_000;

/** For transactions of any family: the event is there if and only if the change is. */
export async function writeAudit(tx: Pick<Transaction, 'run'>, events: readonly AuditEvent[]): Promise<void> {
  for (let start = 0; start < events.length; start += AUDIT_BATCH_ROWS) {
    const rows = events.slice(start, start + AUDIT_BATCH_ROWS).map(auditValues);
    await tx.run(INSERT_EVENTS, { events: JSON.stringify(rows) });
  }
}
