/** Values and answers that are too large to stand in one text. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBodyBudget } from '../body-budget.ts';
import { openTestApi, type TestApi } from './testing/api.ts';

const MIB = 1024 * 1024;
const TOO_LARGE = { status: 413, body: { error: 'Value exceeds the maximum size.' } };
/** With characters of one, two and four bytes, and some that JSON escapes. */
function textOf(length: number): string {
  return 'aé"\n😀'.repeat(Math.ceil(length / 6)).slice(0, length);
}

describe.each([1, 2] as const)('level %i', (level) => {
  const largeAnswers = createBodyBudget(128 * MIB);
  let api: TestApi;
  beforeAll(async () => {
    api = await openTestApi(level, '', { largeAnswers });
  });
  afterAll(() => api.close());

  const set = async (name: string, type: string, value: unknown) => {
    const answer = await api.sendRaw('PUT', '/api/v1/data', {
      name,
      type,
      value,
      ...(level === 1 && { mode: 'overwrite' }),
    });
    expect(answer.status).toBe(200);
    return answer.body as { id: string; value: unknown };
  };
  const read = async (target: string) => {
    const answer = await api.sendRaw('GET', target);
    expect(answer.status).toBe(200);
    expect(largeAnswers.used).toBe(0);
    return answer.body;
  };

  test.each([
    ['value', textOf(2 * MIB)],
    ['password', textOf(2 * MIB)],
    ['json', { list: [1.1, null], text: textOf(2 * MIB) }],
    ['ssh', { private_key: textOf(2 * MIB), public_key: null }],
  ])('a large %s is set, and read by name, by id and among its versions', async (type, value) => {
    const name = `/large/${type}`;
    const made = await set(name, type, value);
    const stored = expect.objectContaining({ id: made.id, name, type });
    const same = (found: unknown) => JSON.stringify((found as typeof made).value) === JSON.stringify(made.value);
    const byName = (await read(`/api/v1/data?name=${name}&current=true`)) as { data: unknown[] };
    expect(byName.data).toEqual([stored]);
    for (const found of [byName.data[0], await read(`/api/v1/data/${made.id}`)]) expect(same(found)).toBe(true);
    await set(name, type, type === 'ssh' ? { private_key: 'small' } : type === 'json' ? { small: 1 } : 'small');
    const versions = (await read(`/api/v1/data?name=${name}`)) as { data: unknown[] };
    expect(versions.data).toHaveLength(2);
    expect(versions.data[1]).toEqual(stored);
    expect(same(versions.data[1])).toBe(true);
  });

  test('a value of 25 MB is set and read', async () => {
    const value = 'x'.repeat(25_000_000);
    await set('/25-mb', 'value', value);
    const { data } = (await read('/api/v1/data?name=/25-mb&current=true')) as { data: { value: string }[] };
    expect(data[0]?.value === value).toBe(true);
  });

  test('many versions that are large together are listed whole and in order', async () => {
    const values = Array.from({ length: 12 }, (_, n) => `${n}${textOf(200 * 1024)}`);
    for (const value of values) await set('/versions', 'value', value);
    const { data } = (await read('/api/v1/data?name=/versions')) as { data: { value: string }[] };
    expect(data.map(({ value }) => value)).toEqual(values.reverse());
  });

  test('small and large versions of one name are listed in order, in pieces of many versions', async () => {
    const values = Array.from({ length: 90 }, (_, n) => `${n}${textOf(n % 9 === 0 ? 40_000 : 3_000)}`);
    for (const value of values) await set('/mixed', 'value', value);
    const { data } = (await read('/api/v1/data?name=/mixed')) as { data: { value: string }[] };
    expect(data.map(({ value }) => value)).toEqual(values.reverse());
  });

  test('a large value that no-overwrite finds is answered whole', async () => {
    const { value } = await set('/kept', 'password', textOf(2 * MIB));
    const kept = await api.sendRaw('POST', '/api/v1/data', { name: '/kept', type: 'password', mode: 'no-overwrite' });
    expect((kept.body as { value: unknown }).value).toBe(value);
  });

  const services = (name: string, times: number) => ({
    service: Array.from({ length: times }, (_, n) => ({ n, credentials: { 'credhub-ref': `((${name}))` } })),
  });

  test('interpolate answers at most limits.body: a value counts as often as it is named', async () => {
    await set('/one', 'json', { text: textOf(MIB) });
    expect(await api.sendRaw('POST', '/api/v1/interpolate', services('/one', 3000))).toMatchObject(TOO_LARGE);
    const answer = await api.sendRaw('POST', '/api/v1/interpolate', services('/one', 10));
    expect(answer.status).toBe(200);
    const { service } = answer.body as { service: { n: number; credentials: unknown }[] };
    expect(service.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const [first] = service;
    expect(service.every(({ credentials }) => JSON.stringify(credentials) === JSON.stringify(first?.credentials))).toBe(
      true,
    );
    expect(first?.credentials).toEqual({ text: textOf(MIB) });
    expect(largeAnswers.used).toBe(0);
  });
});

test('interpolate of many small values is limited too', async () => {
  const api = await openTestApi(2, `limits: {body: ${4 * MIB}}`);
  try {
    const names = Array.from({ length: 25 }, (_, n) => `/small/${n}`);
    const value = { text: 'x'.repeat(200 * 1024) };
    for (const name of names) await api.sendRaw('PUT', '/api/v1/data', { name, type: 'json', value });
    const body = (some: readonly string[]) => ({
      services: some.map((name) => ({ credentials: { 'credhub-ref': name } })),
    });
    expect(await api.sendRaw('POST', '/api/v1/interpolate', body(names))).toMatchObject(TOO_LARGE);
    expect((await api.sendRaw('POST', '/api/v1/interpolate', body(names.slice(0, 15)))).status).toBe(200);
  } finally {
    await api.close();
  }
});

test('long lists are answered whole', async () => {
  const api = await openTestApi(1);
  try {
    await api.sendRaw('PUT', '/api/v1/data', { name: '/listed', type: 'value', value: 'v' });
    const permissions = Array.from({ length: 450 }, (_, n) => ({ actor: `uaa-client:${n}`, operations: ['read'] }));
    await api.sendRaw('POST', '/api/v1/permissions', { credential_name: '/listed', permissions });
    const { body } = await api.sendRaw('GET', '/api/v1/permissions?credential_name=/listed');
    const actors = (body as { permissions: { actor: string }[] }).permissions.map(({ actor }) => actor);
    expect(new Set(actors).size).toBe(451);
  } finally {
    await api.close();
  }
});

test('a large response waits for memory, and is unavailable after a timeout', async () => {
  const largeAnswers = createBodyBudget(2 * MIB, { timeoutMs: 20 });
  const api = await openTestApi(2, '', { largeAnswers });
  try {
    const value = textOf(MIB);
    expect((await api.sendRaw('PUT', '/api/v1/data', { name: '/a', type: 'value', value })).status).toBe(200);
    const held = largeAnswers.open();
    held.tryGrow(1.5 * MIB);
    expect((await api.sendRaw('GET', '/api/v1/data?name=/a')).status).toBe(503);
    held.release();
    expect((await api.sendRaw('GET', '/api/v1/data?name=/a')).status).toBe(200);
  } finally {
    await api.close();
  }
});
