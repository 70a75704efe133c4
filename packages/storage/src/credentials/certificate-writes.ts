/** The steps of a transaction that changes versions of several certificates: lock the names, check, insert, bring the names up to date. */
import type { CertificateWrite, VersionRow } from '@credplex/core';
import type { Transaction } from '../postgres/database.ts';
import { isLarge, runStaged } from '../postgres/large-parameter.ts';
import { textArray } from '../postgres/text.ts';
import { newVersionColumns, newVersionValues, writtenVersion } from './version-row.ts';

export interface Locked {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  seq: number;
}

/** Leaves the transaction without a trace and tells the caller why. */
export class Refused extends Error {
  readonly outcome: 'denied' | 'changed';
  constructor(outcome: 'denied' | 'changed') {
    super(outcome);
    this.outcome = outcome;
  }
}

/** In the order of their ids, so that two changes never wait for each other in a circle. */
async function lock(tx: Transaction, ids: readonly string[]): Promise<Map<string, Locked>> {
  const rows = await tx.run<{ id: string; name: string; type: string; seq: string }>(
    'select id, name, type, seq from credential where id = any($1::uuid[]) order by id for update',
    [textArray(ids)],
  );
  return new Map(rows.map((row) => [row.id, { ...row, seq: Number(row.seq) }]));
}

async function takeIntents(tx: Transaction, intents: readonly string[]): Promise<void> {
  if (intents.length === 0) return;
  const taken = await tx.run('delete from intent where id = any($1::uuid[]) and not sweeping returning id', [
    textArray(intents),
  ]);
  if (taken.length !== intents.length) throw new Refused('changed');
}

const parameters = new Map(newVersionColumns.map(([name, type], index) => [name, `$${index + 3}::${type}`]));
const source = `$${newVersionColumns.length + 3}::uuid`;
/** A copy of a row that is not repaired yet, or was repaired after it was read, is to be repaired itself. */
const isSigner = `${parameters.get('ca_is_signer')} and (${source} is null or exists (select from credential_version o
  where o.id = ${source} and o.ca_is_signer and o.ca is not distinct from ${parameters.get('ca')}))`;
const insertVersion = `insert into credential_version (credential_id, seq, ${[...parameters.keys()].join(', ')})
  values ($1, $2, ${[...parameters].map(([name, value]) => (name === 'ca_is_signer' ? isSigner : value)).join(', ')})`;

/** What the row of the name knows about its versions, read again from them. */
const refresh = `update credential c set seq = t.seq,
    active_id = a.id, listed_at = a.created_at,
    transitional_id = (select v.id from credential_version v where v.credential_id = c.id and v.transitional order by v.seq desc limit 1)
  from unnest($1::uuid[], $2::bigint[]) as t (id, seq)
  left join lateral (select v.id, v.created_at from credential_version v
    where v.credential_id = t.id and not v.transitional order by v.seq desc limit 1) a on true
  where c.id = t.id`;

const pipelined = 50;

export interface Expected {
  readonly credentialId: string;
  readonly expectSeq: number;
}

export const lockExpected = (tx: Transaction, expected: readonly Expected[]): Promise<Map<string, Locked>> =>
  lock(tx, [...new Set(expected.map(({ credentialId }) => credentialId))]);

export function requireSeqs(locked: ReadonlyMap<string, Locked>, expected: readonly Expected[]): void {
  for (const { credentialId, expectSeq } of expected) {
    if (locked.get(credentialId)?.seq !== expectSeq) throw new Refused('changed');
  }
}

/** Stores versions of locked names. The row of each name is brought up to date by {@link refreshNames}. */
export async function insertAll(
  tx: Transaction,
  locked: ReadonlyMap<string, Locked>,
  writes: readonly CertificateWrite[],
): Promise<VersionRow[]> {
  await takeIntents(
    tx,
    writes.flatMap(({ intent }) => (intent === undefined ? [] : [intent])),
  );
  const moved = writes.flatMap(({ copyOf }) => (copyOf?.movesMark ? [copyOf.versionId] : []));
  if (moved.length > 0) {
    await tx.run('update credential_version set transitional = false where id = any($1::uuid[])', [textArray(moved)]);
  }
  const rows: VersionRow[] = [];
  const sent: Promise<unknown>[] = [];
  for (const { credentialId, version, copyOf } of writes) {
    const credential = locked.get(credentialId);
    if (!credential) throw new Refused('changed');
    credential.seq += 1;
    const values = [credentialId, credential.seq, ...newVersionValues(version), copyOf?.versionId ?? null];
    // Pipelined: names stay locked as long as this takes.
    const { bytes } = version.sealed;
    sent.push(isLarge(bytes) ? runStaged(tx, { text: insertVersion, values }, bytes) : tx.run(insertVersion, values));
    rows.push(writtenVersion(version, credential));
    if (sent.length === pipelined) await Promise.all(sent.splice(0));
  }
  await Promise.all(sent);
  return rows;
}

export async function refreshNames(tx: Transaction, locked: ReadonlyMap<string, Locked>): Promise<void> {
  const touched = [...locked.values()];
  await tx.run(refresh, [textArray(touched.map(({ id }) => id)), textArray(touched.map(({ seq }) => String(seq)))]);
}
