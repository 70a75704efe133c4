/**
 * Gives rows of earlier releases what `0005_certificate_authorities.sql` makes room for: which of their CAs signed and
 * which is trusted (docs/reference/storage.md#rows-of-earlier-releases). Resumable, since each row says whether it is
 * done; in batches, each in a transaction of its own under the migrations' lock, so that servers that start together
 * share the work.
 */
import { type CaHistory, type IsSignedBy, NIL_UUID, type SplitAuthorities, splitAuthorities } from '@credplex/core';
import type { Database, Transaction } from '../postgres/database.ts';
import { MIGRATION_LOCK } from '../postgres/migrate.ts';
import { fromColumn, lowerName, toColumn } from '../postgres/text.ts';
import {
  CURRENT_PAIR,
  FIRST_TIME,
  HAS_VERSION,
  OLDER_VERSIONS,
  STORE_REPAIRED,
  UNREPAIRED,
  type UnrepairedRow,
} from './repair-statements.ts';

export interface RepairProgress {
  readonly repaired: number;
  /** Rows that keep their `ca`: no known CA verifies the certificate. */
  readonly unverified: number;
}

export interface RepairOptions {
  readonly batch?: number;
  /** Looked at between batches. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each batch, with what is done so far. */
  readonly onProgress?: (progress: RepairProgress) => void;
}

/**
 * Repairs all rows that are left when it is called. Ids, times, order, metadata and sealed values stay as they are.
 *
 * @throws CredError `unavailable`, and the reason of an aborted `signal`: call it once more later, what is done stays done
 */
export async function repairAuthorities(
  db: Database,
  isSignedBy: IsSignedBy,
  { batch = 20, signal, onProgress }: RepairOptions = {},
): Promise<RepairProgress> {
  const total = { repaired: 0, unverified: 0 };
  // Without the lock: on every start but one nothing is left.
  if ((await db.slowQuery(UNREPAIRED, { after: NIL_UUID, limit: 1 })).length === 0) return total;
  for (let after = NIL_UUID; ; ) {
    signal?.throwIfAborted();
    const done = await db.transaction((tx) => repairBatch(tx, isSignedBy, after, batch));
    total.repaired += done.repaired;
    total.unverified += done.unverified;
    if (done.last === undefined) return total;
    after = done.last;
    onProgress?.({ ...total });
  }
}

async function repairBatch(
  tx: Transaction,
  isSignedBy: IsSignedBy,
  after: string,
  limit: number,
): Promise<RepairProgress & { readonly last: string | undefined }> {
  await tx.run('set local statement_timeout = 0');
  await tx.run('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
  const rows = await tx.run(UNREPAIRED, { after, limit });
  let unverified = 0;
  for (const row of rows) {
    const split = await splitRow(tx, row, isSignedBy);
    if (!split.verified) unverified += 1;
    await tx.run(STORE_REPAIRED, { id: row.id, ca: toColumn(split.ca), trustedCa: toColumn(split.trustedCa) });
  }
  return { repaired: rows.length - unverified, unverified, last: rows.at(-1)?.id };
}

function splitRow(tx: Transaction, row: UnrepairedRow, isSignedBy: IsSignedBy): Promise<SplitAuthorities> {
  const { name, certificate, ca, caName } = row;
  const columns = { certificate: fromColumn(certificate), ca: fromColumn(ca) ?? '', caName: fromColumn(caName) };
  return splitAuthorities({ name, ...columns }, namedCa(tx, row), isSignedBy);
}

function namedCa(tx: Transaction, row: UnrepairedRow): CaHistory {
  const nameLower = lowerName(row.caName ?? '');
  return {
    async hasVersion(text) {
      const [found] = await tx.run(HAS_VERSION, { nameLower, text: toColumn(text) });
      return found?.known ?? false;
    },
    async *candidates() {
      // A copy is signed by whoever signed the original; the time of the copy counts where the original cannot be explained.
      const [first] = await tx.run(FIRST_TIME, { id: row.id });
      for (const time of [first?.at ?? row.createdAt, row.createdAt]) {
        for (let before: number | null = null; ; ) {
          const versions: { seq: number; certificate: string | null }[] = await tx.run(OLDER_VERSIONS, {
            nameLower,
            time,
            before,
          });
          for (const { certificate } of versions) yield fromColumn(certificate) ?? '';
          const last = versions.at(-1);
          if (last === undefined) break;
          before = last.seq;
        }
      }
    },
    async pair() {
      const [pair] = await tx.run(CURRENT_PAIR, { nameLower });
      return { active: fromColumn(pair?.active ?? null), transitional: fromColumn(pair?.transitional ?? null) };
    },
  };
}
