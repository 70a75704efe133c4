/** Which requests a use case sends to OpenBao. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startOpenBao, type TestOpenBao } from '@credplex/storage/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestApi, type TestApi } from './testing/api.ts';

let bao: TestOpenBao;
let proxy: Server;
let sent: string[];
beforeAll(async () => {
  bao = await startOpenBao({ kind: 'dev' });
  proxy = createServer((incoming, outgoing) => {
    sent.push(`${incoming.method} ${(incoming.url ?? '').replace(/[0-9a-f-]{36}/, 'ID')}`);
    const { method, headers } = incoming;
    const forwarded = request(`${bao.address}${incoming.url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
});
afterAll(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await bao.stop();
});

const READ = 'GET /v1/secret/data/credplex/credhub/ID?version=1';
const WRITE = 'POST /v1/secret/data/credplex/credhub/ID';
const reads = (count: number): string[] => Array.from({ length: count }, () => READ);

describe.each([1, 2] as const)('with the vault openbao, level %i', (level) => {
  let api: TestApi;
  let folder: string;
  /** Level 1 keeps the stored version without it, level 2 refuses it. */
  const overwrite = level === 1 ? { overwrite: true } : {};
  beforeEach(async () => {
    const { port } = proxy.address() as AddressInfo;
    const openbao = { address: `http://127.0.0.1:${port}`, token: bao.token };
    sent = [];
    api = await openTestApi(level, JSON.stringify({ vault: { kind: 'openbao', openbao } }));
    folder = `/requests/${randomUUID()}`;
  });
  afterEach(() => api.close());

  /** Returns what a request sent to OpenBao. */
  async function requestsOf(method: string, target: string, body?: unknown): Promise<string[]> {
    sent = [];
    const { status, text } = await api.sendRaw(method, target, body);
    expect([status, text]).toEqual([200, expect.any(String)]);
    return sent;
  }
  const set = (name: string, value: unknown, type = 'value') =>
    requestsOf('PUT', '/api/v1/data', { name: `${folder}/${name}`, type, value, ...overwrite });

  test('set and generate write once and read nothing, for a new name and for a new version', async () => {
    const generate = (name: string) =>
      requestsOf('POST', '/api/v1/data', {
        name: `${folder}/${name}`,
        type: 'password',
        parameters: {},
        mode: 'overwrite',
      });
    for (let version = 0; version < 2; version += 1) {
      expect(await set('set', 'v')).toEqual([WRITE]);
      expect(await generate('generated')).toEqual([WRITE]);
    }
  });

  test('a get reads each version once, and nothing else', async () => {
    for (const value of ['a', 'b', 'c']) await set('get', value);
    const name = `${folder}/get`;
    expect(await requestsOf('GET', `/api/v1/data?name=${name}&current=true`)).toEqual([READ]);
    expect(await requestsOf('GET', `/api/v1/data?name=${name}&versions=2`)).toEqual(reads(2));
    expect(await requestsOf('GET', `/api/v1/data?name=${name}`)).toEqual(reads(3));
    const { body } = await api.sendRaw('GET', `/api/v1/data?name=${name}&current=true`);
    const [{ id }] = (body as { data: [{ id: string }] }).data;
    expect(await requestsOf('GET', `/api/v1/data/${id}`)).toEqual([READ]);
  });

  test('a find reads no value', async () => {
    await set('found', 'v');
    expect(await requestsOf('GET', `/api/v1/data?path=${folder}`)).toEqual([]);
  });

  test('interpolate reads a version once, however often and in whatever spelling it is named', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `json-${index}`);
    for (const name of names) await set(name, { of: name }, 'json');
    const spellings = [...names, ...names.map((name) => name.toUpperCase()), ...names].map(
      (name) => `${folder}/${name}`,
    );
    const body = { VCAP: spellings.map((name) => ({ credentials: { 'credhub-ref': name } })) };
    expect(await requestsOf('POST', '/api/v1/interpolate', body)).toEqual(reads(20));
  });

  test('a generate that returns the stored version reads it once', async () => {
    await set('stored', 'v', 'password');
    const body = { name: `${folder}/stored`, type: 'password', parameters: {}, mode: 'no-overwrite' };
    expect(await requestsOf('POST', '/api/v1/data', body)).toEqual([READ]);
  });
});
