/**
 * Intents: committed before a remote vault is written (core's Intents port). A sweep first marks the intents that it claims. A
 * write whose intent is marked or missing is rolled back, so that no row can refer to a path that is being destroyed.
 */
import { randomUUID } from 'node:crypto';
import type { Intents } from '@credplex/core';
import { sql } from 'drizzle-orm';
import { createBatcher, WRITE_BATCHES } from '../postgres/batcher.ts';
import type { Database, Transaction } from '../postgres/database.ts';
import { listOf, nameOf, namesOf, type RowOf, select, typeOf } from '../postgres/fragments.ts';
import { nextAttempt } from '../postgres/next-attempt.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { arrayLiteral, textArray } from '../postgres/text.ts';
import { intent } from '../schema/index.ts';
import { vaultOwning } from './vaults.ts';

const columns = { id: intent.id, path: intent.path, purpose: intent.purpose, ref: intent.ref, keyId: intent.keyId };
type IntentRecord = RowOf<typeof columns>;

const OPEN = defineStatement(
  (p: Parameters<IntentRecord>) => sql`insert into ${intent} (${namesOf(Object.values(columns))})
    values (${p.id}, ${p.path}, ${p.purpose}, ${p.ref}, ${p.keyId})`,
);
const NAMES = Object.keys(columns) as (keyof IntentRecord)[];
/** An array literal per column. */
type IntentLists = Readonly<Record<keyof IntentRecord, string>>;
const OPEN_MANY = defineStatement((p: Parameters<IntentLists>) => {
  const lists = NAMES.map((name) => sql`${p[name]}::text[]`);
  const fields = NAMES.map((name) => sql`opened.${nameOf(columns[name])}::${typeOf(columns[name])}`);
  return sql`insert into ${intent} (${namesOf(Object.values(columns))})
    select ${listOf(fields)} from unnest(${listOf(lists)}) as opened (${namesOf(Object.values(columns))})`;
});
const CLOSE = defineStatement(
  (p: Parameters<{ id: string }>) => sql`delete from ${intent} where ${intent.id} = ${p.id}`,
);

const CLAIM_STALE = defineStatement(
  (p: Parameters<{ openedBefore: Date; at: Date; limit: number }>) => sql<IntentRecord>`
    update ${intent} set ${nameOf(intent.sweeping)} = true, ${nameOf(intent.attempts)} = ${intent.attempts} + 1,
      ${nameOf(intent.nextAttemptAt)} = ${nextAttempt(sql`${p.at}::timestamptz`, sql`${intent.attempts}`)}
    where ${intent.id} in (
      select ${intent.id} from ${intent}
      where (${intent.openedAt} < ${p.openedBefore} or ${intent.sweeping}) and ${intent.nextAttemptAt} <= ${p.at}::timestamptz
      order by ${intent.openedAt} limit ${p.limit} for update skip locked)
    returning ${select(columns)}`,
);

interface Pending {
  readonly row: IntentRecord;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Returns an insert that concurrent callers share. It resolves when the transaction of its row is committed. */
function createIntentInsert(db: Database): (row: IntentRecord) => Promise<void> {
  const insertEach = async (items: readonly Pending[]): Promise<void> => {
    await Promise.all(items.map(({ row, resolve, reject }) => db.write(OPEN, row).then(resolve, reject)));
  };
  async function send(items: readonly Pending[]): Promise<void> {
    if (items.length === 1) return insertEach(items);
    const lists = Object.fromEntries(NAMES.map((name) => [name, arrayLiteral(items.map(({ row }) => row[name]))]));
    try {
      const answer = await db.writeBatch(OPEN_MANY, lists as IntentLists);
      if (answer === 'refused') return await insertEach(items);
      for (const { resolve } of items) resolve();
    } catch (error) {
      for (const { reject } of items) reject(error);
    }
  }
  const add = createBatcher<Pending>({ ...WRITE_BATCHES, send });
  return (row) => new Promise((resolve, reject) => add({ row, resolve, reject }));
}

export function createIntents(db: Database): Intents {
  const insertIntent = createIntentInsert(db);
  return {
    async open(path, { purpose, id: ref, keyId }) {
      const id = randomUUID();
      await insertIntent({ id, path, purpose, ref, keyId });
      return id;
    },
    async close(id) {
      await db.write(CLOSE, { id });
    },
    async claimStale(query) {
      const rows = await db.write(CLAIM_STALE, query);
      return rows.map(({ id, path, purpose, ref, keyId }) => ({
        intent: id,
        path,
        purpose,
        id: ref,
        keyId: keyId ?? undefined,
      }));
    },
  };
}

const CONSUME = defineStatement(
  (p: Parameters<{ ids: string }>) => sql`delete from ${intent}
    where ${intent.id} = any(${p.ids}::uuid[]) and not ${intent.sweeping} returning ${intent.id}`,
);

/**
 * Deletes the intents of a write, in the transaction that inserts its rows. Resolves to `false` when an intent is missing or a sweep
 * has marked it: the caller must roll back.
 */
export async function consumeIntents(tx: Transaction, ids: readonly string[]): Promise<boolean> {
  if (ids.length === 0) return true;
  return (await tx.run(CONSUME, { ids: textArray(ids) })).length === ids.length;
}

/**
 * Inserts intents to destroy the remote documents of deleted versions, in the transaction that deletes the rows. They are marked
 * for the sweep already: no write uses their paths any more.
 */
export async function insertDestroyIntents(
  tx: Transaction,
  versions: readonly { readonly id: string; readonly keyId: string }[],
): Promise<void> {
  const orphans = versions
    .filter(({ keyId }) => vaultOwning(keyId) !== undefined)
    .map(({ id, keyId }) => ({
      id: randomUUID(),
      path: `credhub/${id}`,
      purpose: 'credhub',
      ref: id,
      keyId,
      sweeping: true,
    }));
  for (const orphan of orphans) await tx.queries.insert(intent).values(orphan);
}
