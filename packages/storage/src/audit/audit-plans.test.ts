/** How PostgreSQL looks up audit rows in a large table: by indexes, wherever the rows are. */
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../postgres/database.ts';
import { createQueries, type Queries } from '../postgres/queries.ts';
import { createDatabase } from '../testing/index.ts';
import { type AuditFilter, createAuditLog } from './audit-log.ts';

const ROWS = 200_000;
const STEP_MS = 60_000;
const START = Date.UTC(2030, 0, 1);
/** Rows of an actor and of a name that are only in the first tenth of the table. */
const FORMER = ROWS / 10;
/** Rows that a look-up may read: those of a day, or a page of the log with some neighbours. */
const MAX_READ = ROWS / 100;

let sql: postgres.Sql;
beforeAll(async () => {
  sql = postgres(await createDatabase(), { max: 1, fetch_types: false, onnotice: () => {} });
  await sql.unsafe(`
    insert into audit_event (at, request_id, actor, action, resource)
      select to_timestamp(${START / 1000}) + n * interval '${STEP_MS} ms', md5(n::text),
        case when n < ${FORMER} and n % 10 = 0 then 'actor-former' else 'actor-' || n % 20 end,
        case n % 3 when 0 then 'SET' else 'GET' end,
        case when n < ${FORMER} and n % 10 = 0 then '/former' when n % 5 = 0 then '/hot' else '/folder' || n % 100 || '/name' || n end
      from generate_series(0, ${ROWS - 1}) n`);
  await sql.unsafe('analyze audit_event');
}, 120_000);
afterAll(() => sql.end());

interface Plan {
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly Plan[];
}
const nodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];

/** Returns how PostgreSQL runs the statement that the log sends for a filter. */
async function explain(filter: AuditFilter): Promise<Plan[]> {
  let sent = { text: '', values: [] as readonly unknown[] };
  const builder = createQueries(async (text, values) => {
    sent = { text, values };
    return [];
  });
  const slowQuery = (build: (queries: Queries) => PromiseLike<unknown>) => build(builder);
  await createAuditLog({ slowQuery } as unknown as Database).list(filter);
  const [answer] = await sql.unsafe(`explain (analyze, format json) ${sent.text}`, sent.values as string[]);
  const [{ Plan: plan }] = Object.values(answer ?? {})[0] as [{ Plan: Plan }];
  return nodes(plan);
}

/** Counts the rows that a scan read, those that it dropped included. */
function rowsRead(plan: readonly Plan[]): number {
  const scans = plan.filter((node) => node['Node Type'].includes('Scan') && node['Node Type'] !== 'Bitmap Index Scan');
  return scans.reduce(
    (sum, node) =>
      sum +
      node['Actual Loops'] *
        (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)),
    0,
  );
}

const at = (row: number): Date => new Date(START + row * STEP_MS);
const hour = (row: number) => ({ from: at(row), to: at(row + 60) });
const FILTERS: Readonly<Record<string, Omit<AuditFilter, 'limit'>>> = {
  'the newest rows': {},
  'a page in the middle': { below: ROWS / 2 },
  'a frequent actor': { actor: 'actor-7' },
  'an actor of former times': { actor: 'actor-former' },
  'an actor that never acted': { actor: 'nobody' },
  'a page of an actor in the middle': { actor: 'actor-7', below: ROWS / 2 },
  'a name that is read all the time': { resource: '/hot' },
  'a name of former times': { resource: '/former' },
  'a name with one row': { resource: '/folder17/name117' },
  'a name with no row': { resource: '/folder17/nothing' },
  'an hour at the beginning': hour(100),
  'an hour in the middle': hour(ROWS / 2),
  'an hour at the end': hour(ROWS - 70),
  'a day in the middle': { from: at(ROWS / 2), to: at(ROWS / 2 + 1440) },
  'since an hour ago': { from: at(ROWS - 60) },
  'before the second hour': { to: at(60) },
  'an actor within an hour': { actor: 'actor-7', ...hour(ROWS / 2) },
  'a name within an hour': { resource: '/hot', ...hour(ROWS / 2) },
};

describe.each(Object.entries(FILTERS))('%s', (_, filter) => {
  test('is read by an index, and costs a small part of the table', async () => {
    const plan = await explain({ ...filter, limit: 100 });
    expect(plan.map((node) => node['Node Type'])).not.toContain('Seq Scan');
    expect(rowsRead(plan)).toBeLessThanOrEqual(MAX_READ);
  });
});

test('a name together with an actor reads no more rows than one of them has', async () => {
  const plan = await explain({ resource: '/hot', actor: 'actor-5', limit: 100 });
  expect(rowsRead(plan)).toBeLessThanOrEqual(ROWS / 20);
});

test('a name that is longer than an index entry can be is stored and found', async () => {
  const resource = `/${'long-'.repeat(2_000)}`;
  await sql`insert into audit_event (at, request_id, actor, action, resource) values (now(), 'r', ${resource}, 'GET', ${resource})`;
  expect(rowsRead(await explain({ resource, limit: 10 }))).toBe(1);
  expect(rowsRead(await explain({ actor: resource, limit: 10 }))).toBe(1);
});
