/**
 * Gives rows of earlier releases what `0005_certificate_authorities.sql` makes room for: which of their CAs signed and
 * which is trusted (docs/reference/storage.md#rows-of-earlier-releases). Resumable, since each row says whether it is
 * done; in batches, each in a transaction of its own under the migrations' lock, so that servers that start together
 * share the work.
 */
import { type CaPair, type IsSignedBy, type NamedCa, type SplitAuthorities, splitAuthorities } from '@credplex/core';
import type { Database, Transaction } from '../postgres/database.ts';
import { MIGRATION_LOCK } from '../postgres/migrate.ts';
import { fromColumn, lowerName, toColumn } from '../postgres/text.ts';

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

interface JoinedRecord {
  readonly id: string;
  readonly name: string;
  readonly certificate: string | null;
  readonly ca: string;
  readonly ca_name: string | null;
  readonly created_at: Date;
}

const LOWEST_ID = '00000000-0000-0000-0000-000000000000';

const batchOf = `select v.id, c.name, v.certificate, v.ca, v.ca_name, v.created_at
  from credential_version v join credential c on c.id = v.credential_id
  where v.ca is not null and not v.ca_is_signer and v.id > $1 order by v.id limit $2`;

/** When the name first had this certificate: copies are younger. */
const firstTime = `select min(o.created_at) as at from credential_version v
  join credential_version o on o.credential_id = v.credential_id and o.certificate = v.certificate where v.id = $1`;

const settle = `update credential_version set ca = $2, trusted_ca = $3, ca_is_signer = true
  where id = $1 and ca is not null and not ca_is_signer`;

const caVersions = `from credential c join credential_version v on v.credential_id = c.id
  where c.name_lower = $1 and c.type = 'certificate' and v.certificate is not null`;

const blanks = "E' \\t\\r\\n'";
const hasVersion = `select exists (select ${caVersions} and btrim(v.certificate, ${blanks}) = btrim($2, ${blanks})) as known`;

const olderVersions = `select v.seq, v.certificate ${caVersions} and v.created_at <= $2 and ($3::bigint is null or v.seq < $3)
  order by v.seq desc limit 20`;

const currentPair = `select
  (select v.certificate ${caVersions} and v.id = c.active_id) as active,
  (select v.certificate ${caVersions} and v.id = c.transitional_id) as transitional`;

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
  if ((await db.slowQuery(batchOf, [LOWEST_ID, 1])).length === 0) return total;
  for (let after = LOWEST_ID; ; ) {
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
  const rows = await tx.run<JoinedRecord>(batchOf, [after, limit]);
  let unverified = 0;
  for (const row of rows) {
    const split = await splitRow(tx, row, isSignedBy);
    if (!split.verified) unverified += 1;
    await tx.run(settle, [row.id, toColumn(split.ca), toColumn(split.trustedCa)]);
  }
  return { repaired: rows.length - unverified, unverified, last: rows.at(-1)?.id };
}

function splitRow(tx: Transaction, row: JoinedRecord, isSignedBy: IsSignedBy): Promise<SplitAuthorities> {
  const { name, certificate, ca, ca_name } = row;
  const columns = { certificate: fromColumn(certificate), ca: fromColumn(ca) ?? '', caName: fromColumn(ca_name) };
  return splitAuthorities({ name, ...columns }, namedCa(tx, row), isSignedBy);
}

function namedCa(tx: Transaction, row: JoinedRecord): NamedCa {
  const name = lowerName(row.ca_name ?? '');
  return {
    async hasVersion(text) {
      const [found] = await tx.run<{ known: boolean }>(hasVersion, [name, toColumn(text)]);
      return found?.known ?? false;
    },
    async *candidates() {
      // A copy is signed by whoever signed the original; the time of the copy counts where the original cannot be explained.
      const [first] = await tx.run<{ at: Date }>(firstTime, [row.id]);
      for (const time of [first?.at ?? row.created_at, row.created_at]) {
        for (let before: string | null = null; ; ) {
          const versions: { seq: string; certificate: string }[] = await tx.run(olderVersions, [name, time, before]);
          for (const { certificate } of versions) yield fromColumn(certificate) ?? '';
          const last = versions.at(-1);
          if (last === undefined) break;
          before = last.seq;
        }
      }
    },
    async pair() {
      const [pair] = await tx.run<CaPair>(currentPair, [name]);
      return { active: fromColumn(pair?.active ?? null), transitional: fromColumn(pair?.transitional ?? null) };
    },
  };
}
