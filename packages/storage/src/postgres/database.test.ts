import { randomBytes, randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { CredError } from '@credplex/core';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiToken } from '../schema/index.ts';
import { createDatabase, startPostgres, type TestPostgres } from '../testing/index.ts';
import { childrenOf } from '../testing/process.ts';
import { type Database, openDatabase } from './database.ts';
import type { Queries } from './queries.ts';
import { defineStatement } from './statement.ts';

async function failure(action: Promise<unknown>): Promise<CredError> {
  try {
    await action;
  } catch (error) {
    if (error instanceof CredError) return error;
    throw error;
  }
  throw new Error('did not fail');
}

/** Everything that a log could show of an error. */
function shown(error: unknown): string {
  const parts: string[] = [];
  for (let one = error; one instanceof Error; one = one.cause) {
    parts.push(String(one), String(one.stack));
    for (const key of Object.getOwnPropertyNames(one))
      parts.push(String((one as unknown as Record<string, unknown>)[key]));
  }
  return parts.join('\n');
}

const statement = (text: string) => defineStatement(() => sql.raw(text));

describe('database', () => {
  let db: Database;
  beforeAll(async () => {
    db = openDatabase(await createDatabase({ empty: true }));
    await db.slowQuery('create table t (id uuid primary key, text text, bytes bytea, at timestamptz, yes boolean)');
  });
  afterAll(() => db.close());

  test('values of every kind come back as they were', async () => {
    const [id, bytes, at] = [randomUUID(), randomBytes(300), new Date('1999-12-31T23:59:59.987Z')];
    await db.write('insert into t values ($1, $2, $3, $4, $5)', [id, 'é"\\{', bytes, at, false]);
    expect(await db.read('select * from t where id = $1', [id])).toEqual([
      { id, text: 'é"\\{', bytes, at, yes: false },
    ]);
  });

  test('no error shows a value, a statement or a row', async () => {
    const canary = 'canary-7f3a';
    const id = randomUUID();
    await db.write('insert into t (id) values ($1)', [id]);
    const errors = await Promise.all([
      failure(db.write('insert into t (id, text) values ($1, $2)', [id, canary])),
      failure(db.read('select $1::text::int', [canary])),
      failure(db.read(`select '${canary}'::uuid`, [])),
      failure(db.read(`selekt '${canary}'`, [])),
      failure(db.transaction((tx) => tx.run('insert into t (id, text) values ($1, $2)', [id, canary]))),
      failure(db.write('insert into t (id, text) values ($1, $2)', [randomUUID(), `${canary}\0`])),
    ]);
    expect(errors.map((error) => error.code)).toEqual([
      'internal',
      'bad_request',
      'bad_request',
      'internal',
      'internal',
      'bad_request',
    ]);
    for (const error of errors) expect(shown(error)).not.toContain(canary);
    expect(shown(errors[0])).toContain('23505 t t_pkey');
  });

  test('what a transaction throws leaves as it is, and nothing of it stays', async () => {
    class Own extends Error {}
    const id = randomUUID();
    const action = db.transaction(async (tx) => {
      await tx.run('insert into t (id) values ($1)', [id]);
      throw new Own('mine');
    });
    await expect(action).rejects.toThrow(Own);
    expect(await db.read('select from t where id = $1', [id])).toEqual([]);
  });

  test('two transactions that wait for each other both succeed', async () => {
    const ids = [randomUUID(), randomUUID()];
    for (const id of ids) await db.write('insert into t (id, text) values ($1, $2)', [id, '']);
    const met = Promise.withResolvers<void>();
    let first = 0;
    const touch = (order: readonly string[], mark: string) =>
      db.transaction(async (tx) => {
        for (const [index, id] of order.entries()) {
          await tx.run('update t set text = text || $2 where id = $1', [id, mark]);
          if (index === 0) {
            first += 1;
            if (first === 2) met.resolve();
            await met.promise;
          }
        }
      });
    await Promise.all([touch(ids, 'a'), touch(ids.toReversed(), 'b')]);
    const rows = await db.read<{ text: string }>('select text from t where text <> $1 and id = any($2::uuid[])', [
      '',
      `{${ids.join(',')}}`,
    ]);
    expect(rows.map((row) => [...row.text].sort().join(''))).toEqual(['ab', 'ab']);
  });

  test('a stream gives all rows in batches and tells of errors in the middle', async () => {
    const sizes: number[] = [];
    for await (const rows of db.stream(statement('select * from generate_series(1, 25)'), {}, 10))
      sizes.push(rows.length);
    expect(sizes).toEqual([10, 10, 5]);
    const broken = async (): Promise<void> => {
      for await (const _ of db.stream(statement('select 1 / (15 - n) from generate_series(1, 25) as n'), {}, 10));
    };
    expect((await failure(broken())).code).toBe('bad_request');
  });
});

describe('an error of a query that drizzle built', () => {
  test('leaves as a CredError without text and parameters of the query, from a query and from a transaction', async () => {
    const db = openDatabase(await createDatabase());
    try {
      const insert = (queries: Queries) =>
        queries.insert(apiToken).values({
          id: 'no uuid: canary-1',
          owner: 'canary-2',
          envPrefix: '',
          hash: Buffer.from('canary-3'),
          ttlSeconds: 1,
          createdAt: new Date(0),
          expiresAt: new Date(0),
        });
      for (const run of [() => db.slowQuery(insert), () => db.transaction((tx) => insert(tx.queries))]) {
        const error = await failure(run());
        expect(error).toMatchObject({ name: 'CredError', code: 'bad_request' });
        expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/canary|insert into/);
      }
    } finally {
      await db.close();
    }
  });
});

describe('a database that goes away', () => {
  let server: TestPostgres;
  let db: Database;
  beforeAll(async () => {
    server = await startPostgres();
    db = openDatabase(server.url);
    await db.ping();
  });
  afterAll(async () => {
    await db.close();
    await server.stop();
  });

  test('a frozen one is unavailable within the deadline, and used again when it thaws', async () => {
    process.kill(server.pid, 'SIGSTOP');
    // The backends are processes of their own: freezing the postmaster alone stops new connections only.
    const backends = childrenOf(server.pid);
    for (const pid of backends) process.kill(pid, 'SIGSTOP');
    const errors = await Promise.all([
      failure(db.ping()),
      failure(db.write('select 1', [])),
      failure(db.transaction((tx) => tx.run('select 1'))),
      ...Array.from({ length: 30 }, () => failure(db.read('select 1', []))),
    ]);
    expect(new Set(errors.map((error) => error.code))).toEqual(new Set(['unavailable']));
    for (const pid of [...backends, server.pid]) process.kill(pid, 'SIGCONT');
    await expect.poll(() => answers(() => db.ping()), { timeout: 20_000 }).toBe(true);
  });

  test('a lock that is held too long is unavailable, and the waiter does not stay behind', async () => {
    await db.slowQuery('create table held as select 1 as x');
    const held = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const holder = db.transaction(async (tx) => {
      await tx.run('update held set x = 2');
      held.resolve();
      await release.promise;
    });
    await held.promise;
    expect((await failure(db.write('update held set x = 3', []))).code).toBe('unavailable');
    release.resolve();
    await holder;
    expect(await db.read('select x from held', [])).toEqual([{ x: 2 }]);
  });

  test('connections that are cut under load cost their own statements and nothing else', async () => {
    await db.slowQuery('create table if not exists cut (x int)');
    const outcome = (action: Promise<unknown>): Promise<string> =>
      action.then(
        () => 'done',
        (error) => String(error.code),
      );
    for (let round = 0; round < 15; round += 1) {
      const work = Array.from({ length: 45 }, (_, index) => {
        if (index % 3 === 0) return outcome(db.read('select 1 as x', []));
        if (index % 3 === 1) return outcome(db.write('insert into cut values (1)', []));
        return outcome(
          db.transaction(async (tx) => {
            for (let step = 0; step < 3; step += 1) await tx.run('insert into cut values (2)');
          }),
        );
      });
      const cut = outcome(
        db.slowQuery(
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'credplex' and pid <> pg_backend_pid()",
        ),
      );
      const outcomes = new Set([...(await Promise.all(work)), await cut]);
      expect([...outcomes].filter((one) => one !== 'done' && one !== 'unavailable')).toEqual([]);
    }
    await expect.poll(() => answers(() => db.ping()), { timeout: 20_000 }).toBe(true);
    const [row] = await db.read<{ whole: boolean }>('select count(*) % 3 = 0 as whole from cut where x = 2', []);
    expect(row?.whole).toBe(true);
  });

  test('a killed one is unavailable at once, also while streaming', async () => {
    const stream = db.stream(statement('select * from generate_series(1, 100000)'), {}, 10)[Symbol.asyncIterator]();
    await stream.next();
    await server.kill();
    const rest = async (): Promise<void> => {
      for (;;) if ((await stream.next()).done) return;
    };
    expect((await failure(rest())).code).toBe('unavailable');
    expect((await failure(db.ping())).code).toBe('unavailable');
    expect((await failure(db.transaction((tx) => tx.run('select 1')))).code).toBe('unavailable');
  });
});

const answers = (action: () => Promise<unknown>): Promise<boolean> =>
  action().then(
    () => true,
    () => false,
  );
