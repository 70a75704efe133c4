/** A key rotation that dies with its server, held in the middle by a row that the test locks. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase } from '@credplex/storage/testing';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import {
  clientOf,
  clientToken,
  credplex,
  newFolder,
  type Running,
  readOperator,
  startCredplex,
} from './harness/credplex.ts';

const DATA = '/api/v1/data';
const VALUES = 160;
/** In the order of the rotation: the first batch of fifty is complete, the second is not. */
const HELD_AT = 75;
const TAKES = { timeout: 30_000, interval: 50 };

test('a server killed in the middle of a rotation goes on with it at its next start, and serves meanwhile', async () => {
  const dataDir = newFolder();
  const file = join(dataDir, 'credplex.yml');
  const url = await createDatabase({ empty: true });
  const configure = (active: string): void => {
    const keys = ['first', 'second'].map((name) => ({
      name,
      passphrase: `passphrase ${name}`,
      active: name === active,
    }));
    const listed = active === '' ? [{ ...keys[0], active: true }] : keys;
    const settings = { level: 2, listen: '127.0.0.1:0', data_dir: dataDir, database: { url } };
    writeFileSync(file, stringify({ ...settings, encryption: { keys: listed } }), { mode: 0o600 });
  };
  const sql = postgres(url, { max: 3, onnotice: () => {} });
  const run = (...args: string[]) => credplex([...args, '--config', file]);
  const started = async () => {
    const running = await startCredplex({ args: ['--config', file] });
    const client = clientOf(running, dataDir);
    const as = { token: await clientToken(client, readOperator(dataDir)) };
    const call = async (method: string, path: string, body?: object) => {
      const answer = await client.sendRaw({ method, path, as, ...(body ? { body } : {}) });
      expect(answer.status, answer.text).toBe(200);
      return answer.json() as Record<string, unknown>;
    };
    return { running, client, call };
  };
  const killed = async ({ running, client }: { running: Running; client: { close(): void } }): Promise<void> => {
    client.close();
    await running.end('SIGKILL');
    // What a database does itself as soon as it misses the client.
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'credplex'`;
  };
  const under = async (name: string): Promise<number> => {
    const rows = JSON.parse((await run('keys', 'list', '--json')).stdout) as { name: string; values: number }[];
    return rows.find((row) => row.name === name)?.values ?? Number.NaN;
  };
  const value = (n: number) => ({ name: `/rotated/${n}`, type: 'password', value: `value ${n}` });

  configure('');
  let server = await started();
  for (let n = 0; n < VALUES; n += 1) await server.call('PUT', DATA, value(n));
  await server.call('POST', DATA, { name: '/rotated/user', type: 'user' });
  configure('first');
  expect(await run('keys', 'add', 'second')).toMatchObject({ status: 0 });
  expect(await run('keys', 'activate', 'second')).toMatchObject({ status: 0 });
  await killed(server);
  const before = await under('first');

  const release = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const holder = sql.begin(async (tx) => {
    await tx`select from credential_version where id =
      (select id from credential_version order by id offset ${HELD_AT} limit 1) for update`;
    locked.resolve();
    await release.promise;
  });
  await Promise.race([locked.promise, holder]);
  const heldUp = async () =>
    (await sql`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`).length;

  server = await started();
  await expect.poll(heldUp, TAKES).toBe(1);
  expect(server.running.output()).toMatch(/"resealed":50\b.*values are sealed under the active key/);
  await killed(server);
  // When an hour of the clock ended meanwhile, a new key of session tickets replaced one.
  expect([HELD_AT, HELD_AT + 1]).toContain(await under('second'));
  const left = await under('first');
  expect([before - HELD_AT - 1, before - HELD_AT]).toContain(left);
  expect((await run('keys', 'retire', 'first')).stderr).toContain(`still seals ${left} values`);

  server = await started();
  await expect.poll(heldUp, TAKES).toBe(1);
  expect(await server.call('GET', '/api/v1/key-usage')).toEqual({
    active_key: HELD_AT,
    inactive_keys: VALUES + 1 - HELD_AT,
    unknown_keys: 0,
  });
  const reads = async (): Promise<void> => {
    for (let n = 0; n < VALUES; n += 1) {
      const { data } = await server.call('GET', `${DATA}?name=/rotated/${n}`);
      expect(data).toMatchObject([{ value: `value ${n}` }]);
    }
  };
  await reads();
  await server.call('PUT', DATA, { ...value(VALUES), name: '/rotated/meanwhile' });
  await killed(server);
  release.resolve();
  await holder;

  server = await started();
  await reads();
  await expect
    .poll(() => server.call('GET', '/api/v1/key-usage'), TAKES)
    .toEqual({ active_key: VALUES + 2, inactive_keys: 0, unknown_keys: 0 });
  const resealed = () =>
    /"resealed":(\d+).*every value that can be opened is sealed/.exec(server.running.output())?.[1];
  await expect.poll(resealed, TAKES).toBeDefined();
  expect([left, left - 1]).toContain(Number(resealed()));
  await reads();
  expect(await server.call('POST', DATA, { name: '/rotated/user', regenerate: true })).toMatchObject({ type: 'user' });
  expect([await under('first'), await under('second')]).toEqual([0, before + 2]);
  server.client.close();
  await server.running.end('SIGTERM');
  expect(await run('keys', 'retire', 'first')).toMatchObject({ status: 0 });
  await sql.end();
}, 180_000);
