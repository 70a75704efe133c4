import { afterAll, beforeAll, expect, test } from 'vitest';
import { audit } from '../conformance/fixtures.ts';
import { type Database, openDatabase } from '../postgres/database.ts';
import { createDatabase } from '../testing/index.ts';
import { createAuditLog } from './audit-log.ts';
import { createReadAudit } from './read-audit.ts';

let db: Database;
beforeAll(async () => {
  db = openDatabase(await createDatabase());
});
afterAll(() => db.close());

test('rows are written in batches and in order, and close flushes the queue', async () => {
  const reads = createReadAudit(db);
  for (let index = 0; index < 5_000; index += 1)
    await reads.append({ ...audit('GET', `/batch/${index}\0`), details: { index } });
  await reads.close();
  const rows = await db.slowQuery<{ resource: string; details: string }>(
    "select resource, details from audit_event where resource like '/batch/%' order by id",
  );
  expect(rows).toHaveLength(5_000);
  expect(rows[4_999]).toEqual({ resource: '/batch/4999\ufffd', details: '{"index":4999}' });
});

test('a full queue makes callers wait and drops no row', async () => {
  const reads = createReadAudit(db);
  let waited = 0;
  for (let index = 0; index < 50_000; index += 1) {
    const accepted = reads.append(audit('GET', '/full'));
    if (accepted instanceof Promise) waited += 1;
    await accepted;
  }
  await reads.close();
  expect(waited).toBeGreaterThan(0);
  const [row] = await db.slowQuery<{ n: number }>("select count(*) as n from audit_event where resource = '/full'");
  expect(row?.n).toBe(50_000);
});

test('every caller that waits for a full queue is served', async () => {
  const reads = createReadAudit(db);
  await Promise.all(Array.from({ length: 30_000 }, () => reads.append(audit('GET', '/crowd'))));
  await reads.close();
  const [row] = await db.slowQuery<{ n: number }>("select count(*) as n from audit_event where resource = '/crowd'");
  expect(row?.n).toBe(30_000);
});

test('rows stay queued while the database is unavailable', async () => {
  let away = true;
  const reads = createReadAudit({
    slowQuery: ((statement: never, values: never) => {
      if (!away) return db.slowQuery(statement, values);
      away = false;
      return db.slowQuery('select pg_terminate_backend(pg_backend_pid())', []);
    }) as Database['slowQuery'],
  });
  await reads.append(audit('GET', '/away'));
  await reads.close();
  expect(await createAuditLog(db).list({ resource: '/away', limit: 10 })).toHaveLength(1);
});

test('a rejected row is reported, and an outage in the middle of its batch loses no other row', async () => {
  const lost: string[] = [];
  let calls = 0;
  const reads = createReadAudit(
    {
      slowQuery: ((statement: never, values: never) => {
        calls += 1;
        // The batch is refused, then its second row meets an outage.
        if (calls === 3) return db.slowQuery('select pg_terminate_backend(pg_backend_pid())', []);
        return db.slowQuery(statement, values);
      }) as Database['slowQuery'],
    },
    ({ code }) => lost.push(code),
  );
  const refused = { ...audit('GET', '/partly/0'), at: null as unknown as Date };
  await reads.append(refused);
  for (let index = 1; index < 5; index += 1) await reads.append(audit('GET', `/partly/${index}`));
  await reads.close();
  expect(lost).toHaveLength(1);
  const rows = await createAuditLog(db).list({ resource: '/partly/*', limit: 10 });
  expect(rows.map(({ resource }) => resource).sort()).toEqual([1, 2, 3, 4].map((index) => `/partly/${index}`));
});

test('the log is filtered by time, actor, action and resource, and paged by id, newest first', async () => {
  const reads = createReadAudit(db);
  for (let day = 1; day <= 9; day += 1) {
    await reads.append({
      at: new Date(Date.UTC(2030, 0, day)),
      requestId: `r${day}`,
      actor: day % 2 ? 'odd' : 'even',
      action: day < 5 ? 'GET' : 'FIND',
      resource: `/log/${day}_x`,
    });
  }
  await reads.close();
  const log = createAuditLog(db);
  const days = async (filter: Parameters<typeof log.list>[0]): Promise<number[]> =>
    (await log.list(filter)).map((row) => row.at.getUTCDate());
  const [from, to] = [new Date(Date.UTC(2030, 0, 1)), new Date(Date.UTC(2030, 0, 9))];
  expect(await days({ from, to, limit: 100 })).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
  expect(await days({ from, actor: 'odd', limit: 2 })).toEqual([9, 7]);
  expect(await days({ from, action: 'GET', limit: 9 })).toEqual([4, 3, 2, 1]);
  expect(await days({ resource: '/log/*', limit: 3 })).toEqual([9, 8, 7]);
  expect(await days({ resource: '/log/3_x', limit: 3 })).toEqual([3]);
  const [first] = await log.list({ from, limit: 1 });
  expect(await days({ from, below: first?.id, limit: 1 })).toEqual([8]);
});
