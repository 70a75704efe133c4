/** Looks up audit rows in a large table, and fails when PostgreSQL reads the table from end to end for one of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secret } from '@credplex/core';
import { type AuditFilter, openStorage } from '@credplex/storage';
import { createDatabase } from '@credplex/storage/testing';
import postgres from 'postgres';
import type { BenchEnvironment } from './environment.ts';
import type { Line } from './report.ts';
import { spread, summary } from './stats.ts';

const NAMES = 100_000;
const ACTORS = 50;
const TIMES = 9;
const START = Date.UTC(2030, 0, 1);
const YEAR_SECONDS = 365 * 86_400;

function connect(databaseUrl: string): postgres.Sql {
  return postgres(databaseUrl, { max: 1, onnotice: () => {} });
}

/** Fills the table with a year of rows. @returns seconds that making the indexes took */
async function fill(databaseUrl: string, rows: number): Promise<number> {
  const sql = connect(databaseUrl);
  const indexes =
    await sql`select indexname, indexdef from pg_indexes where tablename = 'audit_event' and indexname <> 'audit_event_pkey'`;
  for (const { indexname } of indexes) await sql.unsafe(`drop index ${indexname}`);
  await sql.unsafe(`
    insert into audit_event (at, request_id, actor, action, resource)
      select to_timestamp(${START / 1000}) + n * interval '${YEAR_SECONDS / rows} s', md5(n::text),
        case when n = ${Math.floor(rows / 3)} then 'uaa-client:once' else 'uaa-client:app-' || n % ${ACTORS} end, 'GET',
        '/bench/f' || r / 100 || '/n' || r
      from generate_series(0, ${rows - 1}) n, lateral (select (hashint4(n) & 2147483647) % ${NAMES}) t (r)`);
  const started = performance.now();
  for (const { indexdef } of indexes) await sql.unsafe(indexdef);
  const seconds = (performance.now() - started) / 1000;
  await sql`vacuum analyze audit_event`;
  // A connection reports its statistics, the scans that made the indexes among them, when it ends.
  await sql.end();
  return seconds;
}

function filtersOf(rows: number): Readonly<Record<string, AuditFilter>> {
  const at = (part: number, seconds = 0): Date => new Date(START + (part * YEAR_SECONDS + seconds) * 1000);
  const limit = 100;
  return {
    'the newest rows': { limit },
    'a page in the middle': { below: Math.floor(rows / 2), limit },
    'an actor': { actor: 'uaa-client:app-7', limit },
    'an actor that acted once': { actor: 'uaa-client:once', limit },
    'a name': { resource: '/bench/f77/n7777', limit },
    'a name that is not there': { resource: '/bench/nothing', limit },
    'an hour in the middle': { from: at(0.5), to: at(0.5, 3_600), limit },
    'a day at the beginning': { from: at(0.01), to: at(0.01, 86_400), limit },
    'an actor on a day': { actor: 'uaa-client:app-7', from: at(0.5), to: at(0.5, 86_400), limit },
  };
}

async function tableScans(sql: postgres.Sql): Promise<number> {
  const [row] = await sql`select seq_scan::int as scans from pg_stat_user_tables where relname = 'audit_event'`;
  return Number(row?.['scans']);
}

/** @throws Error when a look-up read the whole table */
export async function benchAudit(environment: BenchEnvironment, rows: number): Promise<Line[]> {
  const databaseUrl = await createDatabase({ server: environment.postgresUrl, empty: true });
  const dataDir = mkdtempSync(join(tmpdir(), 'credplex-audit-'));
  const open = () =>
    openStorage({
      databaseUrl: secret(databaseUrl),
      dataDir,
      purpose: 'operate',
      encryption: { keys: [], generatedFile: join(dataDir, 'encryption.key') },
      vault: { kind: 'sql' },
    });
  await (await open()).close();
  const sql = connect(databaseUrl);
  const lines: Line[] = [];
  const size = rows.toLocaleString('en');
  const line = (name: string, figure: string): void => {
    lines.push({ group: 'audit', text: `${name} | ${size} | ${figure}` });
  };
  try {
    line('making the indexes (s in all)', (await fill(databaseUrl, rows)).toFixed(0));
    for (const [name, filter] of Object.entries(filtersOf(rows))) {
      const before = await tableScans(sql);
      const storage = await open();
      const figures: number[] = [];
      for (let time = 0; time < TIMES; time += 1) {
        const started = performance.now();
        await storage.auditLog.list(filter);
        figures.push(performance.now() - started);
      }
      await storage.close();
      await sql`select pg_stat_clear_snapshot()`;
      if ((await tableScans(sql)) > before) throw new Error(`audit of ${name} read the whole table`);
      line(name, spread(summary(figures), 1));
    }
  } finally {
    await sql.end();
    rmSync(dataDir, { recursive: true, force: true });
  }
  return lines;
}
