import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { openDatabase } from '@credplex/storage';
import { createDatabase, isAlive } from '@credplex/storage/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  clientOf,
  clientToken,
  credplex,
  launch,
  newFolder,
  readOperator,
  settings,
  startCredplex,
} from './harness/credplex.ts';
import { type Connection, openConnection, startWorkers, type WorkersServer } from './harness/workers.ts';

const KEY = 'a key that only this test uses';
const GET = '/api/v1/data?name=/workers/read&current=true';

async function tokenOf({ running, dataDir }: Pick<WorkersServer, 'running' | 'dataDir'>): Promise<string> {
  const client = clientOf(running, dataDir);
  const token = await clientToken(client, readOperator(dataDir));
  client.close();
  return token;
}

describe('a server with two workers', () => {
  let server: WorkersServer;
  let token: string;
  beforeAll(async () => {
    server = await startWorkers(2, { CREDPLEX_ENCRYPTION_KEY: KEY });
    token = await tokenOf(server);
    const connection = server.connect();
    const body = { name: '/workers/read', type: 'value', value: 'there' };
    expect((await connection.send('PUT', '/api/v1/data', { token, body })).status).toBe(200);
    connection.close();
  });
  afterAll(() => server.running.end('SIGTERM'));

  const both = async (): Promise<[Connection, Connection]> => [await server.connectTo(1), await server.connectTo(2)];

  test('connections go to both, and both serve', async () => {
    for (const connection of await both()) {
      expect((await connection.send('GET', GET, { token })).status).toBe(200);
      connection.close();
    }
  });

  test('no process has a secret in its command line, no worker one in its environment', () => {
    for (const pid of [server.running.process.pid, server.pidOf(1), server.pidOf(2)]) {
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(KEY);
    }
    for (const worker of [1, 2]) {
      expect(readFileSync(`/proc/${server.pidOf(worker)}/environ`, 'utf8')).not.toContain('CREDPLEX');
    }
  });

  test('doctor names each worker', async () => {
    const env = settings(server.dataDir, { CREDPLEX_WORKERS: '2', CREDPLEX_DATABASE_URL: 'postgres://127.0.0.1:1/no' });
    const { stdout } = await credplex(['doctor'], { env });
    expect(stdout).toContain(
      `ok    workers       2, at most 26 connections to PostgreSQL; worker 1 is process ${server.pidOf(1)}, worker 2 is process ${server.pidOf(2)}\n`,
    );
  });

  test('a token that one worker revokes is refused by the other with the next request', async () => {
    const [first, second] = await both();
    const revoked = await tokenOf(server);
    for (const one of [first, second]) expect((await one.send('GET', GET, { token: revoked })).status).toBe(200);
    const { jti } = JSON.parse(Buffer.from(revoked.split('.')[1] ?? '', 'base64url').toString()) as { jti: string };
    expect((await first.send('DELETE', `/uaa/oauth/token/revoke/${jti}`, { token: revoked })).status).toBe(200);
    for (const one of [second, first]) {
      expect((await one.send('GET', GET, { token: revoked })).status).toBe(401);
      one.close();
    }
  });

  test('wrong logins are counted over both: guesses at once get no further than with one process', async () => {
    const form = 'grant_type=password&client_id=credhub_cli&client_secret=&username=nobody&password=wrong';
    const answers = await Promise.all(
      Array.from({ length: 24 }, () => server.connect()).map(async (one) => {
        const { text } = await one.send('POST', '/uaa/oauth/token', { body: form });
        one.close();
        return (JSON.parse(text) as { error_description: string }).error_description;
      }),
    );
    expect(answers.filter((text) => text === 'Bad credentials')).toHaveLength(6);
    expect(answers.filter((text) => text.includes('too many failed attempts'))).toHaveLength(18);
  });

  test.each([
    ['killed', 'SIGKILL', 1],
    ['told to end', 'SIGTERM', 0],
  ] as const)(
    'a worker that is %s costs requests on its own connections at most, and is replaced',
    async (...about) => {
      const [, signal, maxLost] = about;
      const replaced = () => server.running.output().split('a worker is replaced').length;
      const before = replaced();
      const connections = await Promise.all(Array.from({ length: 8 }, async () => server.connect()));
      const workers = await Promise.all(connections.map((one) => server.workerOf(one)));
      expect(new Set(workers)).toEqual(new Set([1, 2]));
      const pid = server.pidOf(1);
      let isDone = false;
      const runs = connections.map(async (one) => {
        let failed = 0;
        let answered = 0;
        while (!isDone) {
          await one.send('GET', GET, { token }).then(
            ({ status }) => {
              expect(status).toBe(200);
              answered += 1;
            },
            () => (failed += 1),
          );
        }
        expect(answered).toBeGreaterThan(0);
        return failed;
      });
      process.kill(pid, signal);
      await vi.waitUntil(() => replaced() > before, { timeout: 30_000 });
      isDone = true;
      const failed = await Promise.all(runs);
      // The next request of each such client makes a new connection.
      expect(failed.every((count, index) => count <= (workers[index] === 1 ? maxLost : 0))).toBe(true);
      expect(server.pidOf(1)).not.toBe(pid);
      (await server.connectTo(1)).close();
      for (const one of connections) one.close();
    },
  );

  test('a connection that a worker was given and died before taking is served by the other', async () => {
    const pid = server.pidOf(1);
    process.kill(pid, 'SIGSTOP');
    const connections = Array.from({ length: 4 }, () => server.connect());
    let answered = 0;
    const answers = connections.map((one) => one.send('GET', GET, { token }).finally(() => (answered += 1)));
    await vi.waitUntil(() => answered === 3, { timeout: 30_000 });
    process.kill(pid, 'SIGKILL');
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    for (const one of connections) one.close();
    (await server.connectTo(1)).close();
  });

  test('read-only mode is answered when every worker has it, and a replaced worker inherits it', async () => {
    const [first, second] = await both();
    const body = { name: '/workers/no', type: 'value', value: 'v' };
    const setMode = (read_only_mode: boolean) => first.send('POST', '/management', { token, body: { read_only_mode } });
    const write = async (to: Connection) => (await to.send('PUT', '/api/v1/data', { token, body })).status;
    for (let round = 0; round < 20; round += 1) {
      expect(await setMode(true)).toMatchObject({ status: 200, text: '{"read_only_mode":true}' });
      expect(await write(second)).toBe(503);
      expect((await second.send('GET', '/management', { token })).text).toBe('{"read_only_mode":true}');
      expect((await setMode(false)).text).toBe('{"read_only_mode":false}');
      expect(await write(second)).toBe(200);
    }
    await setMode(true);
    const pid = server.pidOf(2);
    process.kill(pid, 'SIGKILL');
    await vi.waitUntil(() => server.pidOf(2) !== pid, { timeout: 30_000 });
    const replaced = await server.connectTo(2);
    expect(await write(replaced)).toBe(503);
    await setMode(false);
    expect(await write(replaced)).toBe(200);
    for (const one of [first, second, replaced]) one.close();
  });
});

test('a stop ends while connections are busy, no answer is lost, and every line is written whole', async () => {
  const server = await startWorkers(2, {}, true);
  const token = await tokenOf(server);
  let answered = 0;
  const runs = Array.from({ length: 12 }, async () => {
    const connection = server.connect();
    let last = '';
    let count = 0;
    for (; last !== 'close'; count += 1) {
      const { status, connection: said } = await connection.send('GET', GET, { token });
      expect(status).toBe(404);
      answered += 1;
      last = said ?? '';
    }
    connection.close();
    return count;
  });
  await vi.waitUntil(() => answered > 500, { timeout: 60_000 });
  const workers = [server.pidOf(1), server.pidOf(2)];
  // As Ctrl-C in a terminal, which every process of the group gets.
  process.kill(-(server.running.process.pid ?? 0), 'SIGINT');
  const counts = await Promise.all(runs);
  const end = await server.running.end('SIGTERM');
  expect(end).toMatchObject({ status: 0, signal: null, stderr: '' });
  expect(workers.map(isAlive)).toEqual([false, false]);

  const sent = counts.reduce((sum, count) => sum + count, 0);
  const audit = readFileSync(server.auditFile, 'utf8').trimEnd().split('\n');
  expect(audit.every((line) => /^CEF:0\|.* deviceAction=\w+( cs6Label=requestDetails cs6=.*)?$/.test(line))).toBe(true);
  expect(audit).toHaveLength(sent);
  const log = end.stdout.split('\n').filter((line) => line.startsWith('{'));
  const lines = log.map((line) => JSON.parse(line) as { worker: number; msg: string; path?: string });
  expect(lines.filter(({ path }) => path === '/api/v1/data')).toHaveLength(sent);
  expect(new Set(lines.map(({ worker }) => worker))).toEqual(new Set([0, 1, 2]));
});

test('a supervisor that dies takes its workers along, also under load', async () => {
  const server = await startWorkers(2);
  const workers = [server.pidOf(1), server.pidOf(2)];
  let answered = 0;
  const runs = Array.from({ length: 8 }, async () => {
    const connection = server.connect();
    for (;;) {
      await connection.send('GET', '/health');
      answered += 1;
    }
  });
  const ends = Promise.allSettled(runs);
  await vi.waitUntil(() => answered > 200, { timeout: 60_000 });
  await server.running.end('SIGKILL');
  await vi.waitUntil(() => !workers.some(isAlive), { timeout: 10_000 });
  expect((await ends).every(({ status }) => status === 'rejected')).toBe(true);
});

test('all workers together keep to database.max_connections', async () => {
  const server = await startWorkers(2, { CREDPLEX_DATABASE_MAX_CONNECTIONS: '12' });
  const token = await tokenOf(server);
  const database = openDatabase(server.databaseUrl);
  let isDone = false;
  const writers = Array.from({ length: 24 }, async (_, lane) => {
    const connection = server.connect();
    for (let n = 0; !isDone; n += 1) {
      const body = { name: `/many/${lane}`, type: 'value', value: 'v' };
      const path = n % 2 === 0 ? '/api/v1/data?path=/many' : '/api/v1/data';
      const { status } = await connection.send(n % 2 === 0 ? 'GET' : 'PUT', path, { token, ...(n % 2 && { body }) });
      expect(status).toBe(200);
    }
    connection.close();
  });
  let most = 0;
  for (let sample = 0; sample < 200; sample += 1) {
    const [row] = await database.slowQuery<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity
       where datname = current_database() and application_name = 'credplex' and pid <> pg_backend_pid()`,
    );
    most = Math.max(most, row?.count ?? 0);
  }
  isDone = true;
  await Promise.all(writers);
  // More than one worker may have, so both had some.
  expect(most).toBeGreaterThan(6);
  expect(most).toBeLessThanOrEqual(12);
  await database.close();
  await server.running.end('SIGTERM');
});

test('settings that cannot be end the start with one line', async () => {
  const refusal = async (env: Readonly<Record<string, string>>): Promise<string> => {
    const outside = { CREDPLEX_DATABASE_URL: 'postgres://127.0.0.1:1/none', ...env };
    const end = await credplex(['serve'], { env: settings(newFolder(), outside) });
    expect([end.status, end.stdout]).toEqual([1, '']);
    return end.stderr;
  };
  expect(await refusal({ CREDPLEX_WORKERS: '4', CREDPLEX_DATABASE_MAX_CONNECTIONS: '20' })).toBe(
    'credplex: workers: 4 workers need at least 24 connections to PostgreSQL (6 each), but database.max_connections is 20\n',
  );
  expect(await refusal({ CREDPLEX_WORKERS: 'all' })).toBe(
    'credplex: CREDPLEX_WORKERS: must be a number from 1 to 64, or auto\n',
  );
  expect(await refusal({ CREDPLEX_WORKERS: '2' })).toBe('credplex: the database cannot be reached (ECONNREFUSED)\n');
});

test('with the embedded PostgreSQL the server is one process, and says that in the log', async () => {
  const running = await startCredplex({ env: settings(`${newFolder()}/data`, { CREDPLEX_WORKERS: '2' }) });
  const commands = childrenOf(running.process).map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  const { stdout } = await running.end('SIGTERM');
  expect(commands.filter((line) => line.includes('credplex.js'))).toEqual([]);
  expect(stdout).not.toContain('"worker"');
  expect(stdout).toContain('"msg":"workers is 2, but the server runs as one process');
});

test.each([1, 2])('a stop of %i workers ends, although nobody reads stdout any more', async (workers) => {
  for (const requests of [0, 5]) {
    const dataDir = `${newFolder()}/data`;
    const running = await startCredplex({
      env: settings(dataDir, {
        CREDPLEX_WORKERS: String(workers),
        CREDPLEX_DATABASE_URL: await createDatabase({ empty: true }),
      }),
    });
    const token = await tokenOf({ running, dataDir });
    const connection = openConnection(running.url, readFileSync(`${dataDir}/tls/ca.pem`, 'utf8'));
    running.process.stdout?.destroy();
    for (let n = 0; n < requests; n += 1) expect((await connection.send('GET', GET, { token })).status).toBe(404);
    connection.close();
    expect(await running.end('SIGTERM')).toMatchObject({ status: 0, signal: null });
  }
});

const moments: readonly [name: string, isNow: (child: ChildProcess, output: string) => boolean][] = [
  ['its first worker starts', (child) => childrenOf(child).length > 0],
  ['its first worker serves and the others start', (_, output) => output.includes('"msg":"listening"')],
];
test.each(moments)('Ctrl-C while %s stops the server cleanly', async (_, isNow) => {
  const env = settings(`${newFolder()}/data`, {
    CREDPLEX_WORKERS: '3',
    CREDPLEX_DATABASE_URL: await createDatabase({ empty: true }),
  });
  const { child, text, ended } = launch(['serve'], { env, group: true });
  await vi.waitUntil(() => isNow(child, text.stdout), { timeout: 30_000, interval: 2 });
  process.kill(-(child.pid ?? 0), 'SIGINT');
  expect(await ended).toMatchObject({ status: 0, signal: null, stderr: '' });
  expect(text.stdout).not.toContain('is ready at');
});

function childrenOf({ pid }: ChildProcess): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
}
