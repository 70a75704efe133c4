import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase, freePort } from '@credplex/storage/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TLS_VERSIONS, visit } from '../src/testing/tls-visits.ts';
import {
  clientOf,
  clientToken,
  newFolder,
  type Running,
  readOperator,
  settings,
  startCredplex,
  userToken,
} from './harness/credplex.ts';
import type { ServerClient } from './harness/http.ts';

const PUBLIC_URL = 'https://credplex.example.com';

describe('two servers that start at once on one empty database', () => {
  const folders = [newFolder(), newFolder()];
  let replicas: Running[];
  let clients: ServerClient[];
  let ports: readonly number[];
  beforeAll(async () => {
    const shared = {
      CREDPLEX_DATABASE_URL: await createDatabase({ empty: true }),
      CREDPLEX_ENCRYPTION_KEY: 'a passphrase that replicas share',
      CREDPLEX_PUBLIC_URL: PUBLIC_URL,
      CREDPLEX_LEVEL: '2',
    };
    ports = await Promise.all(folders.map(() => freePort()));
    replicas = await Promise.all(
      folders.map((folder, index) =>
        startCredplex({ env: settings(folder, { ...shared, CREDPLEX_LISTEN: `127.0.0.1:${ports[index]}` }) }),
      ),
    );
    clients = replicas.map((replica, index) =>
      clientOf({ ...replica, url: `https://127.0.0.1:${ports[index]}` }, folders[index] ?? ''),
    );
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await Promise.all(replicas.map((replica) => replica.end('SIGTERM')));
  });
  const made = () => folders.find((folder) => existsSync(join(folder, 'operator.json'))) ?? '';
  const [A, B] = [0, 1] as const;
  const at = (index: 0 | 1): ServerClient => clients[index] as ServerClient;

  test('agree on one schema and one first operator', () => {
    expect(folders.filter((folder) => existsSync(join(folder, 'operator.json')))).toHaveLength(1);
    expect(folders.filter((folder) => existsSync(join(folder, 'operator.pending.json')))).toHaveLength(0);
    expect(readOperator(made()).url).toBe(PUBLIC_URL);
  });

  test.each(TLS_VERSIONS)("resume each other's TLS sessions, %s", async (version) => {
    const [one = 0, two = 0] = ports;
    // An hour of the clock, and with it the key, may end between the two.
    const isResumed = async (): Promise<boolean> => {
      const { session } = await visit(one, { version });
      return (await visit(two, { version, session })).isResumed;
    };
    await expect.poll(isResumed, { timeout: 20_000, interval: 200 }).toBe(true);
  });

  test("take each other's tokens, and what one writes the other reads", async () => {
    const operator = readOperator(made());
    const [a, b] = [await clientToken(at(A), operator), await userToken(at(B), operator)];
    const body = { name: '/shared', type: 'value', value: 'seen by both' };
    expect((await at(B).sendRaw({ method: 'PUT', path: '/api/v1/data', as: { token: a }, body })).status).toBe(200);
    const got = await at(A).sendRaw({ method: 'GET', path: '/api/v1/data?name=/shared', as: { token: b } });
    expect(got.json()).toMatchObject({ data: [{ value: 'seen by both' }] });
    const as = { token: operator.plexsphere_token };
    for (const client of clients) {
      expect((await client.as(as)('GET /v1/auth/whoami')).status).toBe(200);
    }
  });

  test('publish the same signing key', async () => {
    const keys = await Promise.all(clients.map((client) => client.sendRaw({ method: 'GET', path: '/uaa/token_keys' })));
    expect(keys[0]?.text).toBe(keys[1]?.text);
  });

  test('a logout at one ends the token at the other within seconds', async () => {
    const token = await userToken(at(A), readOperator(made()));
    const read = () => at(B).as({ token })('GET /api/v1/data', { query: { name: '/shared' } });
    expect((await read()).status).toBe(200);
    const { jti } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const path = `/uaa/oauth/token/revoke/${jti}`;
    expect((await at(A).sendRaw({ method: 'DELETE', path, as: { token } })).status).toBe(200);
    expect((await at(A).as({ token })('GET /version')).status).toBe(401);
    await expect.poll(async () => (await read()).status, { timeout: 20_000, interval: 200 }).toBe(401);
  });
});
