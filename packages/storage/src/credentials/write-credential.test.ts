import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anyone, write } from '../conformance/fixtures.ts';
import { type Database, openDatabase } from '../postgres/database.ts';
import { createDatabase } from '../testing/index.ts';
import { createIntents } from '../vault/intents.ts';
import { createCredentialRecords } from './credentials.ts';

let db: Database;
beforeAll(async () => {
  db = openDatabase(await createDatabase());
});
afterAll(() => db.close());

const names = (count: number): string[] => {
  const folder = randomUUID();
  return Array.from({ length: count }, (_, index) => `/${folder}/${index}`);
};

test('concurrent writes of different names share transactions, and each has its audit event', async () => {
  const records = createCredentialRecords(db);
  const free = names(60);
  const results = await Promise.all(free.map((name) => records.write(write(name))));
  expect(new Set(results.map((result) => result.outcome))).toEqual(new Set(['written']));
  const [row] = await db.slowQuery<{ transactions: number; events: number }>(
    `select (select count(distinct xmin::text)::int from credential where name = any($1::text[])) as transactions,
      (select count(*)::int from audit_event where resource = any($1::text[]) and action = 'SET') as events`,
    [`{${free.join(',')}}`],
  );
  expect(row?.events).toBe(60);
  expect(row?.transactions).toBeLessThan(10);
});

test('a name that others hold locked does not delay the rest of its batch', async () => {
  const records = createCredentialRecords(db);
  const free = names(20);
  const contended = `${free[0]}-contended`;
  await records.write(write(contended));
  const held = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const holder = db.transaction(async (tx) => {
    await tx.run('select from credential where name_lower = $1 for update', [contended]);
    held.resolve();
    await release.promise;
  });
  await held.promise;
  const waits = records.write(write(contended));
  const others = await Promise.all(free.map((name) => records.write(write(name))));
  expect(new Set(others.map((result) => result.outcome))).toEqual(new Set(['written']));
  release.resolve();
  await holder;
  expect(await waits).toMatchObject({ outcome: 'written', row: { seq: 2 } });
  expect(await records.readByName({ access: anyone, name: contended, current: false })).toHaveLength(2);
});

test('a large value is written outside the batch, unchanged', async () => {
  const records = createCredentialRecords(db);
  const large = write(`${names(1)[0]}-large`, {});
  const bytes = Buffer.alloc(200_000, 0xab);
  const request = { ...large, version: { ...large.version, sealed: { ...large.version.sealed, bytes } } };
  const [result] = await Promise.all([records.write(request), ...names(5).map((name) => records.write(write(name)))]);
  expect(result).toMatchObject({ outcome: 'written' });
  const [read] = await records.readByName({ access: anyone, name: large.name, current: true });
  expect(Buffer.compare(Buffer.from(read?.sealed.bytes ?? []), bytes)).toBe(0);
});

const ref = { purpose: 'credhub', id: 'x', keyId: 'openbao:secret' };
const intentsLeft = async (ids: readonly string[]): Promise<number> =>
  (await db.slowQuery('select from intent where id = any($1::uuid[])', [`{${ids.join(',')}}`])).length;

test('concurrent writes of a remote vault share transactions, and each consumes its intent', async () => {
  const records = createCredentialRecords(db);
  const intents = createIntents(db);
  const free = names(40);
  for (const expected of ['absent', 'known'] as const) {
    const opened = await Promise.all(free.map((name) => intents.open(name, ref)));
    const results = await Promise.all(
      free.map(async (name, index) => {
        const [stored] = await records.readByName({ access: anyone, name, current: true });
        const expect = stored ? { credentialId: stored.credentialId, seq: index % 2 ? stored.seq : null } : 'absent';
        return { name, expect, intent: opened[index] } as const;
      }),
    ).then((parts) => Promise.all(parts.map(({ name, ...part }) => records.write(write(name, part)))));
    const seq = expected === 'absent' ? 1 : 2;
    for (const result of results)
      expect(result).toMatchObject({ outcome: 'written', created: seq === 1, row: { seq } });
    expect(await intentsLeft(opened)).toBe(0);
  }
  const [row] = await db.slowQuery<{ transactions: number; current: number }>(
    `select count(distinct v.xmin::text)::int as transactions, count(*) filter (where c.active_id = v.id)::int as current
      from credential c join credential_version v on v.credential_id = c.id where c.name = any($1::text[])`,
    [`{${free.join(',')}}`],
  );
  expect(row?.current).toBe(40);
  expect(row?.transactions).toBeLessThan(20);
});

test('a write whose intent a sweep has claimed, or whose name has changed, is not written beside others that are', async () => {
  const records = createCredentialRecords(db);
  const intents = createIntents(db);
  const free = names(30);
  const stored = await Promise.all(free.map((name) => records.write(write(name))));
  const opened = await Promise.all(free.map((name) => intents.open(name, ref)));
  await db.slowQuery('update intent set sweeping = true where id = $1', [opened[0] ?? '']);
  const results = await Promise.all(
    free.map((name, index) => {
      const result = stored[index];
      const credentialId = result?.outcome === 'written' ? result.row.credentialId : '';
      const seq = index === 1 ? 7 : 1;
      return records.write(write(name, { expect: { credentialId, seq }, intent: opened[index] }));
    }),
  );
  expect(results.slice(0, 2).map(({ outcome }) => outcome)).toEqual(['changed', 'changed']);
  expect(new Set(results.slice(2).map(({ outcome }) => outcome))).toEqual(new Set(['written']));
  expect(await intentsLeft(opened)).toBe(2);
});
