/** What a write statement answers about one request, and what that means. */
import type { Grant, WriteRequest, WriteResult } from '@credplex/core';
import { toBits, WRITE, WRITE_ACL } from './operations.ts';
import { writtenVersion } from './version-row.ts';

export interface WrittenRecord {
  readonly id: string;
  readonly name: string;
  readonly seq: string;
}

export interface WriteRecord {
  readonly held: number;
  readonly before_id: string | null;
  readonly before_type: string | null;
  readonly before_seq: string | null;
  readonly id: string | null;
  readonly name: string;
  readonly seq: string;
}

export const grantsJson = (grants: readonly Grant[]): string =>
  grants.length === 0
    ? '[]'
    : JSON.stringify(grants.map(({ path, actor, operations }) => ({ path, actor, operations: toBits(operations) })));

/** Why nothing was written, as far as the statement's own view of the database tells; `raced`: it does not tell. */
function refusal(request: WriteRequest, row: WriteRecord | undefined): WriteResult | 'raced' {
  const { expect, grants, creation, type } = request;
  const mayWrite = ((row?.held ?? 0) & WRITE) !== 0;
  const mayGrant = ((row?.held ?? 0) & WRITE_ACL) !== 0;
  if (!row || row.before_id === null) {
    if (creation === 'needs_write' && !mayWrite) return { outcome: 'denied' };
    return expect === 'any' && request.intent === undefined ? 'raced' : { outcome: 'changed' };
  }
  if (!mayWrite) return { outcome: 'denied' };
  if (row.before_type !== type) return { outcome: 'type_mismatch' };
  if (expect === 'absent') return { outcome: 'changed' };
  if (expect !== 'any') {
    const sameSeq = expect.seq === null || Number(row.before_seq) === expect.seq;
    if (row.before_id !== expect.credentialId || !sameSeq) return { outcome: 'changed' };
  }
  if (grants.length > 0 && !mayGrant) return { outcome: 'denied_acl' };
  // Everything looks right, so another writer or the sweeper came between: ask again or let the caller decide again.
  return expect === 'any' && request.intent === undefined ? 'raced' : { outcome: 'changed' };
}

export function resultOf({ version, type }: WriteRequest, { id, name, seq }: WrittenRecord): WriteResult {
  const row = writtenVersion(version, { id, name, type, seq: Number(seq) });
  return { outcome: 'written', created: row.seq === 1, row };
}

/** `raced`: a name was created or removed between the statement's look and its lock; the next look sees it. */
export function outcomeOf(request: WriteRequest, row: WriteRecord | undefined): WriteResult | 'raced' {
  return row && row.id !== null
    ? resultOf(request, { id: row.id, name: row.name, seq: row.seq })
    : refusal(request, row);
}
