/** A server whose embedded PostgreSQL is killed. */
import { get } from 'node:http';
import { join } from 'node:path';
import { freePort, runningPostmaster, serverProcesses } from '@credplex/storage/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

const DEADLINE = { timeout: 50_000 };

describe('the embedded PostgreSQL is killed', () => {
  const dataDir = join(newFolder(), 'data');
  const data = join(dataDir, 'postgres');
  let running: Running;
  let client: ServerClient;
  let token: string;
  let managementPort: number;

  beforeAll(async () => {
    managementPort = await freePort();
    const management = { CREDPLEX_MANAGEMENT_LISTEN: `127.0.0.1:${managementPort}`, CREDPLEX_LEVEL: '2' };
    running = await startCredplex({ env: settings(dataDir, management) });
    client = clientOf(running, dataDir);
    token = await clientToken(client, readOperator(dataDir));
  });
  afterAll(async () => {
    client.close();
    if (running.process.exitCode === null) await running.end('SIGTERM');
  });

  const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
    client.sendRaw({ method, path, as: { token }, ...(body === undefined ? {} : { body }) });
  const write = (name: string): Promise<Answer> =>
    call('PUT', '/api/v1/data', { name, type: 'value', value: `value of ${name}` });
  const health = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const target = { host: '127.0.0.1', port: managementPort, path: '/health', agent: false as const };
      get(target, (answer) => resolve(answer.resume().statusCode ?? 0)).on('error', reject);
    });

  test('requests get 503 with Retry-After until it is back; then all acknowledged writes are read, without a restart', async () => {
    expect((await write('/restart/before')).status).toBe(200);
    expect(await health()).toBe(200);
    expect((await client.as(undefined)('GET /readyz')).status).toBe(200);
    const dead = runningPostmaster(data)?.pid ?? 0;
    const [left = 0] = serverProcesses(data).filter((pid) => pid !== dead);
    // As long as one process of the old server lives, the new one must not start.
    process.kill(left, 'SIGSTOP');
    process.kill(dead, 'SIGKILL');
    try {
      await expect.poll(async () => (await write('/restart/meanwhile')).status, DEADLINE).toBe(503);
      for (const answer of [
        await call('GET', '/api/v1/data?name=/restart/before'),
        await write('/restart/meanwhile'),
        await call('POST', '/api/v1/data', { name: '/restart/generated', type: 'password' }),
        await call('DELETE', '/api/v1/data?name=/restart/before'),
        await client.sendRaw({
          method: 'GET',
          path: '/v1/clouds',
          as: { token: readOperator(dataDir).plexsphere_token },
        }),
      ]) {
        expect([answer.status, answer.headers['retry-after']]).toEqual([503, expect.stringMatching(/^\d+$/)]);
      }
      expect(await health()).toBe(503);
      const ready = await client.as(undefined)('GET /readyz');
      expect([ready.status, ready.response.json()]).toEqual([200, expect.objectContaining({ status: 'degraded' })]);
      expect((await client.as(undefined)('GET /health')).status).toBe(200);
      await expect
        .poll(() => running.output(), DEADLINE)
        .toContain('processes of an earlier PostgreSQL are waited for');
      expect(runningPostmaster(data)).toBeUndefined();
    } finally {
      process.kill(left, 'SIGCONT');
    }
    await expect.poll(async () => (await write('/restart/after')).status, DEADLINE).toBe(200);
    for (const name of ['/restart/before', '/restart/after']) {
      const answer = await call('GET', `/api/v1/data?name=${name}&current=true`);
      expect(answer.json()).toMatchObject({ data: [{ value: `value of ${name}` }] });
    }
    expect(await health()).toBe(200);
    expect(running.output()).toMatch(/the embedded PostgreSQL is back after \d+ ms/);
  });

  test('a server that is told to stop meanwhile ends cleanly and leaves no process', async () => {
    process.kill(runningPostmaster(data)?.pid ?? 0, 'SIGKILL');
    const end = await running.end('SIGTERM');
    expect([end.status, end.stderr]).toEqual([0, '']);
    await expect.poll(() => serverProcesses(data), DEADLINE).toEqual([]);
  });
});
