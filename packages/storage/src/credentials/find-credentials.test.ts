import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../postgres/database.ts';
import { createDatabase } from '../testing/index.ts';
import { createFind } from './find-credentials.ts';

const NAMES = 600;

let sql: postgres.Sql;
let db: Database;
const sent: { readonly text: string; readonly values: readonly unknown[] }[] = [];
let find: ReturnType<typeof createFind>['find'];

beforeAll(async () => {
  const url = await createDatabase();
  sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} });
  await sql.unsafe(`
    insert into credential (id, name, name_lower, type, seq, active_id, listed_at)
      select gen_random_uuid(), name, name, 'json', 1, gen_random_uuid(), '2026-01-02 03:04:05.678+00'::timestamptz - n * interval '1 s'
      from generate_series(0, ${NAMES - 1}) n, lateral (select '/f' || n / 100 || '/n' || n) t (name);
    insert into permission (id, path, actor, operations) values
      (gen_random_uuid(), '/*', 'all', 1), (gen_random_uuid(), '/f1/*', 'all', 1), (gen_random_uuid(), '/*', 'writer', 2),
      (gen_random_uuid(), '/f1/*', 'one', 1), (gen_random_uuid(), '/f1/n105', 'one', 1), (gen_random_uuid(), '/f2/n201', 'one', 1)`);
  db = openDatabase(url);
  const read = ((statement: { text: string; bind(values: unknown): unknown[] }, values: unknown) => {
    sent.push({ text: statement.text, values: statement.bind(values) });
    return db.read(statement as never, values as never);
  }) as Database['read'];
  ({ find } = createFind({ ...db, read }));
});
afterAll(async () => {
  await db.close();
  await sql.end();
});

async function found(actor: string | null, path: string): Promise<string[]> {
  sent.length = 0;
  const names: string[] = [];
  for await (const page of find({ access: { actor }, by: { path } })) names.push(...page.map(({ name }) => name));
  return names;
}

test.each([
  [null, '/f1/', 100],
  ['all', '/f1/', 100],
  ['one', '/f1/', 100],
  ['one', '/f2/', 1],
  ['one', '/', 101],
  ['writer', '/', 0],
  ['nobody', '/', 0],
])(
  'a find by path of %s in %s is one statement, permissions included, and lists each of %i names once',
  async (actor, path, count) => {
    const names = await found(actor, path);
    expect(new Set(names).size).toBe(count);
    expect(names).toHaveLength(count);
    expect(sent).toHaveLength(1);
  },
);

test('a find of more names than fit a batch gives all of them, newest first', async () => {
  const expected = Array.from({ length: NAMES }, (_, n) => `/f${Math.floor(n / 100)}/n${n}`);
  expect(await found(null, '/')).toEqual(expected);
  expect(await found('all', '/')).toEqual(expected);
});

test('times are in UTC with whole seconds, whatever time zone and date style the session has', async () => {
  const expected = { name: '/f0/n0', versionCreatedAt: '2026-01-02T03:04:05Z' };
  for await (const [first] of find({ access: { actor: 'all' }, by: { path: '/f0/' } })) expect(first).toEqual(expected);
  const [{ text, values } = { text: '', values: [] }] = sent.slice(-1);
  await sql.unsafe(`set time zone 'Asia/Tokyo'; set datestyle = 'SQL, DMY'`);
  const [row] = await sql.unsafe<{ names: string }[]>(text, values as never);
  expect(row?.names).toContain('"2026-01-02T03:04:05.678"');
});

test('for an actor who reads everything, PostgreSQL runs the range of the folder only', async () => {
  await found('all', '/f1/');
  const [{ text, values } = { text: '', values: [] }] = sent;
  const plan = await sql.unsafe(`explain (analyze, timing off) ${text}`, values as never);
  const lines = plan.map((row) => String(Object.values(row)[0])).join('\n');
  expect(lines).toMatch(/Unique|HashAggregate/);
  expect(lines).toMatch(/(Unique|HashAggregate|Group).*\(never executed\)|Unique.*rows=0|HashAggregate.*rows=0/);
});
