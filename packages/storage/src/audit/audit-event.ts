/** Audit rows, written inside the statement or transaction of the change that they tell about. */
import type { AuditEvent } from '@credplex/core';
import type { Transaction, Value } from '../postgres/database.ts';

/** Columns of `audit_event` in the order of {@link auditValues}, with their types. */
export const auditColumns = [
  ['at', 'timestamptz'],
  ['request_id', 'text'],
  ['actor', 'text'],
  ['action', 'text'],
  ['resource', 'text'],
  ['version_id', 'text'],
  ['details', 'text'],
] as const;

export const auditColumnNames = auditColumns.map(([name]) => name).join(', ');

/** Names that clients send may hold U+0000, which text cannot; nobody looks such a row up by it. */
const printable = (text: string | null | undefined): string | null =>
  text?.includes('\0') === true ? text.replaceAll('\0', '\ufffd') : (text ?? null);

export function auditValues(event: AuditEvent): Value[] {
  const details = event.details && Object.keys(event.details).length > 0 ? JSON.stringify(event.details) : null;
  return [
    event.at,
    printable(event.requestId),
    printable(event.actor),
    event.action,
    printable(event.resource),
    event.versionId ?? null,
    details,
  ];
}

/** `$first, $first+1 …` with the types of the columns, for use in other statements. */
export const auditParameters = (first: number): string =>
  auditColumns.map(([, type], index) => `$${first + index}::${type}`).join(', ');

/** Statements sent before the first answer is waited for. */
const pipelined = 50;

const insertOne = `insert into audit_event (${auditColumnNames}) values (${auditParameters(1)})`;

/** For transactions of any family: the event is there if and only if the change is. */
export async function writeAudit(tx: Transaction, events: readonly AuditEvent[]): Promise<void> {
  for (let start = 0; start < events.length; start += pipelined) {
    await Promise.all(events.slice(start, start + pipelined).map((event) => tx.run(insertOne, auditValues(event))));
  }
}
