/** The steps of a transaction that changes versions of several certificates: lock the names, check, insert, bring the names up to date. */
import type { CertificateWrite, VersionRow } from '@credplex/core';
import { sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Transaction } from '../postgres/database.ts';
import { listOf, nameOf, namesOf, type RowOf, select, typeOf } from '../postgres/fragments.ts';
import { isLarge, stagedBytes, withStagedBytes } from '../postgres/large-parameter.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { textArray } from '../postgres/text.ts';
import { credential, credentialVersion } from '../schema/index.ts';
import { consumeIntents } from '../vault/intents.ts';
import { Refused } from './refused.ts';
import { c, v } from './tables.ts';
import { CERTIFICATE_COLUMNS, type CertificateValues, certificateValues, writtenVersion } from './version-row.ts';

const lockedColumns = { id: c.id, name: c.name, type: c.type, seq: c.seq };
export interface Locked extends Omit<RowOf<typeof lockedColumns>, 'seq'> {
  seq: number;
}

/** In the order of their ids, so that two changes never wait for each other in a circle. */
const LOCK = defineStatement(
  (p: Parameters<{ ids: string }>) => sql<Locked>`
    select ${select(lockedColumns)} from ${credential} ${c} where ${c.id} = any(${p.ids}::uuid[]) order by ${c.id} for update`,
);

interface InsertValues extends CertificateValues {
  readonly credentialId: string;
  readonly seq: number;
  readonly copyOf: string | null;
  readonly stagedId?: string;
}

const o = alias(credentialVersion, 'o');

/** `staged`: the value was sent before (`large-parameter.ts`). */
const insertVersion = (staged: boolean) =>
  defineStatement((p: Parameters<InsertValues>) => {
    // A copy of a row that is not repaired yet, or was repaired after it was read, is to be repaired itself.
    const isSigner = sql`${p.caIsSigner}::boolean and (${p.copyOf}::uuid is null
      or exists (select from ${credentialVersion} ${o} where ${o.id} = ${p.copyOf}::uuid and ${o.caIsSigner}
        and ${o.ca} is not distinct from ${p.ca}::text))`;
    const values = Object.entries(CERTIFICATE_COLUMNS).map(([name, column]) => {
      if (name === 'caIsSigner') return isSigner;
      if (staged && name === 'sealed') return stagedBytes(p.stagedId);
      return sql`${p[name as keyof CertificateValues]}::${typeOf(column)}`;
    });
    const columns = [credentialVersion.credentialId, credentialVersion.seq, ...Object.values(CERTIFICATE_COLUMNS)];
    return sql`insert into ${credentialVersion} (${namesOf(columns)})
      values (${p.credentialId}::uuid, ${p.seq}::bigint, ${listOf(values)})`;
  });
const INSERT = insertVersion(false);
const INSERT_STAGED = insertVersion(true);

const CLEAR_TRANSITIONAL = defineStatement(
  (p: Parameters<{ ids: string }>) => sql`update ${credentialVersion} set ${nameOf(v.transitional)} = false
    where ${credentialVersion.id} = any(${p.ids}::uuid[])`,
);

/** Recomputes what the row of the name says about its versions. */
const REFRESH_NAMES = defineStatement(
  (p: Parameters<{ ids: string; seqs: string }>) => sql`
    update ${credential} as ${c} set ${nameOf(c.seq)} = name.seq,
      ${nameOf(c.activeId)} = active.id, ${nameOf(c.listedAt)} = active."createdAt",
      ${nameOf(c.transitionalId)} = (select ${v.id} from ${credentialVersion} ${v}
        where ${v.credentialId} = ${c.id} and ${v.transitional} order by ${v.seq} desc limit 1)
    from unnest(${p.ids}::uuid[], ${p.seqs}::bigint[]) as name (id, seq)
    left join lateral (select ${select({ id: v.id, createdAt: v.createdAt })} from ${credentialVersion} ${v}
      where ${v.credentialId} = name.id and not ${v.transitional} order by ${v.seq} desc limit 1) active on true
    where ${c.id} = name.id`,
);

/** Statements sent before the first answer is waited for. */
const PIPELINED = 50;

export interface Expected {
  readonly credentialId: string;
  readonly expectSeq: number;
  /** Set for what a CA signed, which is locked after the CA, as `signer-lock.ts` does it. */
  readonly copyOf?: object | undefined;
}

export async function lockExpected(tx: Transaction, expected: readonly Expected[]): Promise<Map<string, Locked>> {
  const own = new Set(expected.filter(({ copyOf }) => !copyOf).map(({ credentialId }) => credentialId));
  const copied = new Set(expected.map(({ credentialId }) => credentialId).filter((id) => !own.has(id)));
  const locked = new Map<string, Locked>();
  for (const ids of [own, copied]) {
    if (ids.size === 0) continue;
    for (const row of await tx.run(LOCK, { ids: textArray([...ids]) })) locked.set(row.id, row);
  }
  return locked;
}

export function requireSeqs(locked: ReadonlyMap<string, Locked>, expected: readonly Expected[]): void {
  for (const { credentialId, expectSeq } of expected) {
    if (locked.get(credentialId)?.seq !== expectSeq) throw new Refused('changed');
  }
}

function insertOne(tx: Transaction, values: InsertValues): Promise<unknown> {
  if (!isLarge(values.sealed)) return tx.run(INSERT, values);
  return withStagedBytes(tx, values.sealed, (stagedId) =>
    stagedId === undefined ? tx.run(INSERT, values) : tx.run(INSERT_STAGED, { ...values, stagedId }),
  );
}

/** Stores versions of locked names. The row of each name is brought up to date by {@link refreshNames}. */
export async function insertAll(
  tx: Transaction,
  locked: ReadonlyMap<string, Locked>,
  writes: readonly CertificateWrite[],
): Promise<VersionRow[]> {
  const intents = writes.flatMap(({ intent }) => (intent === undefined ? [] : [intent]));
  if (!(await consumeIntents(tx, intents))) throw new Refused('changed');
  const moved = writes.flatMap(({ copyOf }) => (copyOf?.movesMark ? [copyOf.versionId] : []));
  if (moved.length > 0) await tx.run(CLEAR_TRANSITIONAL, { ids: textArray(moved) });
  const rows: VersionRow[] = [];
  const sent: Promise<unknown>[] = [];
  for (const { credentialId, version, copyOf } of writes) {
    const name = locked.get(credentialId);
    if (!name) throw new Refused('changed');
    name.seq += 1;
    const place = { credentialId, seq: name.seq, copyOf: copyOf?.versionId ?? null };
    // Pipelined: names stay locked as long as this takes.
    sent.push(insertOne(tx, { ...certificateValues(version), ...place }));
    rows.push(writtenVersion(version, name));
    if (sent.length === PIPELINED) await Promise.all(sent.splice(0));
  }
  await Promise.all(sent);
  return rows;
}

export async function refreshNames(tx: Transaction, locked: ReadonlyMap<string, Locked>): Promise<void> {
  const touched = [...locked.values()];
  await tx.run(REFRESH_NAMES, {
    ids: textArray(touched.map(({ id }) => id)),
    seqs: textArray(touched.map(({ seq }) => String(seq))),
  });
}
