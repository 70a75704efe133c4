/** Bodies of interpolate that name very many credentials, or very deep ones. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApi, type TestApi } from './testing/api.ts';

function bodyOf(names: readonly string[]) {
  return {
    services: names.map((name) => ({ credentials: { 'credhub-ref': name } })),
  };
}
function deep(last: number): string {
  return `/${'a/'.repeat(80)}${last}`;
}

describe.each([1, 2] as const)('level %i', (level) => {
  let api: TestApi;
  beforeAll(async () => {
    api = await openTestApi(level);
  });
  afterAll(() => api.close());

  test('names without a credential are 404 however many and deep they are', async () => {
    const names = Array.from({ length: 5_000 }, (_, n) => deep(n));
    expect(await api.call('POST /api/v1/interpolate', { body: bodyOf(names) })).toMatchObject({ status: 404 });
  });

  test('more names than are read at once are all replaced, and the first fault is named', async () => {
    const names = Array.from({ length: 130 }, (_, n) => deep(n));
    for (const [value, name] of names.entries()) {
      const set = { name, type: 'json', value: { value } };
      expect(await api.sendRaw('PUT', '/api/v1/data', set)).toMatchObject({ status: 200 });
    }
    const services = names.map((_, value) => ({ credentials: { value } }));
    const answer = await api.call('POST /api/v1/interpolate', { body: bodyOf(names) });
    expect(answer).toMatchObject({ status: 200, body: { services } });
    await api.call('PUT /api/v1/data', { body: { name: '/text', type: 'value', value: 'x' } });
    const faults = (...last: string[]) => api.call('POST /api/v1/interpolate', { body: bodyOf([...names, ...last]) });
    expect(await faults('/text', '/none')).toMatchObject({ status: 400 });
    expect(await faults('/none', '/text')).toMatchObject({ status: 404 });
  });
});
