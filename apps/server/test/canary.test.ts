/**
 * No value of a credential gets out by a side door: not into the log (at its most talkative), an error, an audit line or a row
 * of the database, whatever goes wrong, and with either vault.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startOpenBao, startPostgres } from '@credplex/storage/testing';
import { expect, test } from 'vitest';
import { dumpDatabase } from './harness/database-dump.ts';
import { recordedFixtures } from './harness/golden.ts';
import { startServer, type TestServer } from './harness/server.ts';

type Json = Record<string, unknown>;
const DATA = '/api/v1/data';
const pem = recordedFixtures('set-certificate');

/** Values of requests and responses, which must not appear elsewhere. */
const canaries = new Set<string>();
function canary(): string {
  const made = `canary-${randomBytes(12).toString('hex')}`;
  canaries.add(made);
  return made;
}
/** A line out of the middle of a PEM text, which no other text holds. */
function lineOf(text: string): string {
  return text.split('\n')[5] ?? text;
}

const refusals: string[] = [];
async function send(server: TestServer, method: string, path: string, body?: unknown, as = 'admin'): Promise<Json> {
  const answer = await server.sendRaw(method, path, body, { as });
  if (answer.status >= 400) refusals.push(answer.text, JSON.stringify(answer.headers));
  return answer.text === '' ? {} : (answer.json() as Json);
}

/** Writes of every type, right and wrong, by hand and generated. */
async function everyKindOfWrite(server: TestServer): Promise<void> {
  const set = (type: string, value: unknown, more: Json = {}) =>
    send(server, 'PUT', DATA, { name: `/canary/${type}`, type, value, ...more });
  await set('value', canary());
  await set('password', canary());
  await set('json', { a: [canary()], [canary()]: 1 });
  await set('user', { username: 'u', password: canary() });
  await set('ssh', { public_key: 'p', private_key: canary() });
  await set('rsa', { public_key: 'p', private_key: canary() });
  const key = pem.leaf1_key ?? '';
  canaries.add(lineOf(key));
  await set('certificate', { certificate: pem.leaf1, private_key: key });

  for (const type of ['password', 'user', 'ssh', 'rsa', 'certificate']) {
    const parameters = type === 'certificate' ? { common_name: 'c', is_ca: true } : {};
    const made = await send(server, 'POST', DATA, { name: `/canary/generated/${type}`, type, parameters });
    const value = made.value as string | Json;
    if (typeof value === 'string') canaries.add(value);
    else canaries.add(typeof value.password === 'string' ? value.password : lineOf(String(value.private_key)));
    await send(server, 'POST', '/api/v1/regenerate', { name: `/canary/generated/${type}` });
  }

  // Every kind of invalid value.
  await send(server, 'PUT', DATA, `{"name":"/canary/broken","type":"value","value":"${canary()}"`);
  await set('value', { nested: canary() });
  await set('user', { username: canary() });
  await set('user', { password: canary(), extra: canary() });
  await set('nothing', canary());
  await set('value', canary(), { metadata: { text: 'm'.repeat(8000) } });
  await set('password', canary(), { name: '/canary//slash' });
  await set('json', canary(), { name: '/canary/value' });
  await set('certificate', { certificate: canary(), private_key: canary() });
  await set('certificate', { certificate: pem.leaf1, private_key: `-----BEGIN RSA PRIVATE KEY-----\n${canary()}` });
  await set('rsa', { public_key: 'p'.repeat(8000), private_key: canary() });
  await send(server, 'PUT', DATA, { name: '/canary/value', type: 'value', value: canary() }, 'nobody');
  await send(server, 'PUT', DATA, { name: '/canary/value', type: 'value', value: canary() }, 'badsig');

  // Reads, also without permission.
  for (const as of ['admin', 'nobody', 'expired']) {
    await send(server, 'GET', `${DATA}?name=/canary/value`, undefined, as);
    await send(server, 'GET', `${DATA}?path=/canary`, undefined, as);
    await send(server, 'POST', '/api/v1/interpolate', { a: [{ credentials: { 'credhub-ref': '/canary/json' } }] }, as);
    await send(server, 'POST', '/api/v1/interpolate', { a: [{ credentials: { 'credhub-ref': '/canary/value' } }] }, as);
  }
}

/** Returns all output of the process by place. */
async function placesOf(server: TestServer): Promise<Record<string, string>> {
  const files = readdirSync(server.folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(server.folder, name))
    .filter((file) => statSync(file).isFile());
  return {
    log: server.output(),
    refusals: refusals.join('\n'),
    ...Object.fromEntries(files.map((file) => [file, readFileSync(file, 'latin1')])),
  };
}

function expectNone(places: Record<string, string>): void {
  expect(canaries.size).toBeGreaterThan(25);
  const leaks = Object.entries(places).flatMap(([place, text]) =>
    [...canaries].filter((value) => text.includes(value)).map((value) => `${place}: ${value.slice(0, 20)}`),
  );
  expect(leaks).toEqual([]);
}

const settings = { log: { level: 'trace' } };

test('with values sealed in the row nothing leaks, also during a database outage', async () => {
  const database = await startPostgres();
  const server = await startServer({ level: 2, store: { postgres: database.url }, settings });
  try {
    await everyKindOfWrite(server);
    await expect.poll(() => server.auditLines().length, { timeout: 10_000 }).toBeGreaterThan(20);
    const rows = await dumpDatabase(server.database ?? '');
    expect(rows).toContain('/canary/value');
    await database.kill();
    const failed = await server.call('PUT /api/v1/data', {
      body: { name: '/canary/late', type: 'value', value: canary() },
    });
    expect(failed.status).toBe(503);
    refusals.push(failed.text);
    expectNone({ rows, ...(await placesOf(server)) });
  } finally {
    await server.stop();
    await database.stop();
  }
});

test('with values in OpenBao nothing leaks, also during an outage of OpenBao', async () => {
  const bao = await startOpenBao({ kind: 'dev' });
  const server = await startServer({ level: 1, openbao: { address: bao.address, token: bao.token }, settings });
  try {
    await everyKindOfWrite(server);
    await expect.poll(() => server.auditLines().length, { timeout: 10_000 }).toBeGreaterThan(20);
    await bao.stop();
    const failed = await server.call('PUT /api/v1/data', {
      body: { name: '/canary/late', type: 'value', value: canary() },
    });
    expect(failed.status).toBe(503);
    refusals.push(failed.text, (await server.call('GET /api/v1/data', { query: { name: '/canary/value' } })).text);
    expectNone({ rows: await dumpDatabase(server.database ?? ''), ...(await placesOf(server)) });
    expect(server.output()).not.toContain(bao.token.length > 8 ? bao.token : 'x-vault-token');
  } finally {
    await server.stop();
  }
});
