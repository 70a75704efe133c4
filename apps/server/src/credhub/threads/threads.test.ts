/** Requests that are worked on in a thread answer as they would without one. */
import { randomUUID } from 'node:crypto';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApi, type TestApi } from '../testing/api.ts';

const PADDING = ' '.repeat(300 * 1024);
const started: Worker[] = [];
function onWorker(worker: Worker): void {
  return void started.push(worker);
}
process.on('worker', onWorker);
afterAll(() => void process.off('worker', onWorker));

const certificate = { common_name: 'a', is_ca: true, key_length: 2048 };
const NOBODY = 'b17a2b6e-0000-4000-8000-000000000000';

/** What two answers to one request may differ in. */
function comparable(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID')
    .replaceAll(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/g, '"TIME"')
    .replaceAll(/\$6\$[^"]*|-----BEGIN[^"]*/g, 'MADE');
}

describe.each([1, 2] as const)('level %i', (level) => {
  let here: TestApi;
  let there: TestApi;
  beforeAll(async () => {
    [here, there] = await Promise.all([openTestApi(level), openTestApi(level)]);
  });
  afterAll(() => Promise.all([here.close(), there.close()]));

  test.each([
    ['PUT', '/api/v1/data', { name: '/v', type: 'value', value: 'é"\n' }],
    ['PUT', '/api/v1/data', { name: '/v', type: 'password', value: 'another type' }],
    ['PUT', '/api/v1/data', { name: '/j', type: 'json', value: { b: [1.1, 1e3, null], a: '' }, metadata: { m: 1 } }],
    ['PUT', '/api/v1/data', { name: '/u', type: 'user', value: { username: 'u', password: 'p' } }],
    ['PUT', '/api/v1/data', { name: '/v', type: 'value' }],
    ['PUT', '/api/v1/data', { name: '/v', type: 'value', value: 'v', unknown: 1 }],
    ['PUT', '/api/v1/data', ['no object']],
    ['POST', '/api/v1/data', { name: '/c', type: 'certificate', parameters: certificate }],
    ['POST', '/api/v1/data', { name: '/l', type: 'certificate', parameters: { common_name: 'l', ca: '/c' } }],
    ['POST', '/api/v1/data', { name: '/c', type: 'certificate', parameters: certificate, mode: 'no-overwrite' }],
    ['POST', '/api/v1/regenerate', { name: '/l' }],
    ['POST', '/api/v1/regenerate', { name: '/v' }],
    ['POST', '/api/v1/bulk-regenerate', { signed_by: '/c' }],
    ['POST', '/api/v1/interpolate', { s: [{ credentials: { 'credhub-ref': '((/j))' } }] }],
    ['POST', '/api/v1/interpolate', { s: [{ credentials: { 'credhub-ref': '((/none))' } }] }],
    ['POST', '/api/v1/permissions', { credential_name: '/v', permissions: [{ actor: 'a', operations: ['read'] }] }],
    ['POST', '/api/v2/permissions', { path: '/p', actor: 'a', operations: ['read', 'write'] }],
    ['POST', '/api/v2/permissions', { path: '/p', actor: 'a', operations: ['run'] }],
    ['PUT', `/api/v2/permissions/${NOBODY}`, { path: '/p', actor: 'a', operations: ['read'] }],
    ['PATCH', `/api/v2/permissions/${NOBODY}`, { operations: ['read'] }],
    ['POST', `/api/v1/certificates/${NOBODY}/regenerate`, { set_as_transitional: false }],
    ['POST', `/api/v1/certificates/${NOBODY}/versions`, { value: {} }],
    ['PUT', `/api/v1/certificates/${NOBODY}/update_transitional_version`, { version: null }],
  ])('%s %s %j is answered the same in a thread', async (method, path, body) => {
    const text = JSON.stringify(body);
    const expected = await here.sendRaw(method, path, undefined, { text });
    const answer = await there.sendRaw(method, path, undefined, { text: PADDING + text });
    expect({ status: answer.status, text: comparable(answer.text) }).toEqual({
      status: expected.status,
      text: comparable(expected.text),
    });
    const lines = ({ auditLines }: TestApi) => auditLines.map((line) => comparable(line).replaceAll(/rt=\d+/g, ''));
    expect(lines(there).at(-1)).toBe(lines(here).at(-1));
    expect(there.failures).toEqual([]);
  });

  test('any number of requests uses at most two threads', async () => {
    const before = started.length;
    const text = (n: number) => PADDING + JSON.stringify({ name: `/at-once/${n}`, type: 'value', value: 'v' });
    const calls = Array.from({ length: 8 }, (_, n) =>
      there.sendRaw('PUT', '/api/v1/data', undefined, { text: text(n) }),
    );
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(new Array(8).fill(200));
    expect(started.length - before).toBeLessThanOrEqual(1);
    expect(started.length).toBeGreaterThan(0);
  });

  test('a caller without permission is refused in a thread too, and changes nothing', async () => {
    const text = PADDING + JSON.stringify({ name: '/v', type: 'value', value: 'changed' });
    const answer = await there.sendRaw('PUT', '/api/v1/data', undefined, { text, as: 'stranger' });
    expect(answer.status).toBe(403);
    expect((await there.sendRaw('GET', '/api/v1/data?name=/v&current=true')).text).not.toContain('changed');
  });

  test('a small body of many values is handled in a thread too', async () => {
    const name = `/many/${randomUUID()}`;
    const value = Array.from({ length: 5000 }, (_, n) => n);
    expect((await there.sendRaw('PUT', '/api/v1/data', { name, type: 'json', value })).body).toMatchObject({ value });
  });
});
