import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../postgres/database.ts';
import { createDatabase } from '../testing/index.ts';
import { createOutboxPrune } from './prune-outbox.ts';

let db: Database;
let other: Database;
beforeAll(async () => {
  const url = await createDatabase();
  [db, other] = [openDatabase(url), openDatabase(url)];
});
afterAll(() => Promise.all([db.close(), other.close()]));

function insert(daysAgo: number) {
  return db.slowQuery(
    `insert into outbox (id, type, occurred_at, actor, correlation_id, payload)
     values ($1, 'CloudCredentialIssued', now() - $2::integer * interval '1 day', 'a', 'c', '{}')`,
    [randomUUID(), daysAgo],
  );
}
async function count(): Promise<number> {
  return (await db.slowQuery('select from outbox')).length;
}

test('events past their retention are deleted in batches, oldest first, by one server at a time', async () => {
  for (const daysAgo of [1, 30, 9, 8, 400, 6]) await insert(daysAgo);
  const before = new Date(Date.now() - 7 * 86_400_000);
  const prune = createOutboxPrune(db);
  const elsewhere = createOutboxPrune(other);
  await db.transaction(async (tx) => {
    await tx.run('select pg_advisory_xact_lock(727005)');
    expect(await elsewhere({ before, limit: 3 })).toBe(0);
  });
  expect(await count()).toBe(6);
  expect(await prune({ before, limit: 3 })).toBe(3);
  const left = await db.slowQuery<{ old: boolean }>('select occurred_at < $1 as old from outbox', [before]);
  expect(left.filter(({ old }) => old)).toHaveLength(1);
  expect(await elsewhere({ before, limit: 3 })).toBe(1);
  expect(await prune({ before, limit: 3 })).toBe(0);
  expect(await count()).toBe(2);
});
