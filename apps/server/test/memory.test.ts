/** Lists and chains of any length in bounded memory, in a server as an operator runs it (the launcher sets V8's limits). */
import { readFileSync, writeFileSync } from 'node:fs';
import { createDatabase } from '@credplex/storage/testing';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import {
  clientOf,
  clientToken,
  newFolder,
  type Running,
  readOperator,
  settings,
  startCredplex,
} from './harness/credplex.ts';
import type { Answer, ServerClient } from './harness/http.ts';

const NAMES = 200_000;
const VERSIONS = 300;
const VERSION_BYTES = 240 * 1024;
const LEAVES = 40;
const DATA = '/api/v1/data';

let running: Running;
let sql: postgres.Sql;
let client: ServerClient;
let token: string;

function send(method: string, path: string, body?: unknown): Promise<Answer> {
  return client.sendRaw({ method, path, as: { token }, ...(body === undefined ? {} : { body }), timeoutMs: 110_000 });
}

function mebibytes(key: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${running.process.pid}/status`, 'utf8');
  return Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
}

/** By how much the process grew at the most while something was done. */
async function growth(act: () => Promise<unknown>): Promise<number> {
  const idle = mebibytes('VmRSS');
  writeFileSync(`/proc/${running.process.pid}/clear_refs`, '5');
  await act();
  return mebibytes('VmHWM') - idle;
}

beforeAll(async () => {
  const database = await createDatabase({ empty: true });
  const dataDir = newFolder();
  running = await startCredplex({ env: settings(dataDir, { CREDPLEX_DATABASE_URL: database, CREDPLEX_LEVEL: '2' }) });
  sql = postgres(database, { max: 1 });
  client = clientOf(running, dataDir);
  token = await clientToken(client, readOperator(dataDir));
});

afterAll(async () => {
  client.close();
  await sql.end();
  await running.end('SIGTERM');
});

test('a find of two hundred thousand names is streamed: less than 50 MiB beyond the idle server', async () => {
  await sql`insert into credential (id, name, name_lower, type, seq, active_id, listed_at)
    select gen_random_uuid(), name, name, 'value', 1, gen_random_uuid(), now()
    from (select '/many/folder-' || i % 100 || '/some-name-' || i as name from generate_series(1, ${NAMES}) i) as names`;
  await send('GET', `${DATA}?path=/none`);
  for (const query of ['path=/many', 'name-like=some-name']) {
    let found = 0;
    const grown = await growth(async () => {
      found = (await send('GET', `${DATA}?${query}`)).text.split('"name"').length - 1;
    });
    expect([query, found]).toEqual([query, NAMES]);
    expect(grown, query).toBeLessThan(50);
  }
  await sql`delete from credential where name like '/many/%'`;
});

test('versions of a name that are 70 MiB together are streamed: less than 50 MiB beyond the idle server', async () => {
  const value = 'x'.repeat(VERSION_BYTES);
  const setSome = async (): Promise<void> => {
    for (let n = 0; n < VERSIONS / 6; n++) await send('PUT', DATA, { name: '/versions', type: 'value', value });
  };
  await Promise.all(Array.from({ length: 6 }, setSome));
  await send('GET', `${DATA}?name=/versions&versions=5000`);
  for (const query of ['', '&versions=5000']) {
    let found = 0;
    const grown = await growth(async () => {
      found = (await send('GET', `${DATA}?name=/versions${query}`)).text.split('"id"').length - 1;
    });
    expect([query, found]).toEqual([query, VERSIONS]);
    expect(grown, query).toBeLessThan(50);
  }
}, 120_000);

test('bulk-regenerate keeps one sealed version for each leaf and no more', async () => {
  const certificate = (name: string, parameters: object) =>
    send('POST', DATA, { name, type: 'certificate', parameters: { common_name: 'x', ...parameters } });
  await certificate('/bulk/ca', { is_ca: true });
  const leaf = await certificate('/bulk/leaf', { ca: '/bulk/ca' });
  const { id } = z.object({ id: z.string() }).parse(leaf.json());
  const columns = sql`created_at, certificate, ca, ca_name, expires_at, certificate_authority, self_signed, generated,
    transitional, key_id, format, sealed`;
  await sql`with clone as (select gen_random_uuid() as name_id, gen_random_uuid() as id, i from generate_series(2, ${LEAVES}) i),
    names as (insert into credential (id, name, name_lower, type, seq, active_id, listed_at)
      select name_id, '/bulk/leaf-' || i, '/bulk/leaf-' || i, 'certificate', 1, id, now() from clone)
    insert into credential_version (id, credential_id, seq, ${columns})
      select clone.id, name_id, 1, ${columns} from clone, credential_version original where original.id = ${id}`;
  const regenerate = () => send('POST', '/api/v1/bulk-regenerate', { signed_by: '/bulk/ca' });
  const names = z.object({ regenerated_credentials: z.array(z.string()) });
  expect(names.parse((await regenerate()).json()).regenerated_credentials).toHaveLength(LEAVES);
  const [versions] = await sql<{ n: string }[]>`select count(*) as n from credential_version v
    join credential c on c.id = v.credential_id where c.name like '/bulk/leaf%' and v.id = c.active_id and c.seq = 2`;
  expect(Number(versions?.n)).toBe(LEAVES);
  expect(await growth(regenerate)).toBeLessThan(25);
});

test('a key that another request needs is generated before those of a bulk-regenerate', async () => {
  let isDone = false;
  const bulk = send('POST', '/api/v1/bulk-regenerate', { signed_by: '/bulk/ca' }).finally(() => {
    isDone = true;
  });
  await send('POST', DATA, { name: '/bulk-other', type: 'rsa', parameters: {} });
  expect(isDone).toBe(false);
  await bulk;
});
