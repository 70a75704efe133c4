import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { metaHandlers } from './meta.ts';
import { openTestApi, type TestApi } from './testing/api.ts';
import { expectProblem } from './testing/expect.ts';

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api.close());

const input = {
  params: {},
  query: {},
  body: undefined,
  context: { requestId: 'x', caller: () => ({ actor: '', requestId: '' }) },
};

describe('meta', () => {
  test.each(['/v1/health', '/readyz'])('200 %s without a session', async (path) => {
    const answer = await api.sendRaw('GET', path);
    expect(answer.json).toEqual({
      status: 'ok',
      checks: [
        { name: 'database', status: 'ok', detail: 'answers' },
        { name: 'vault', status: 'ok', detail: 'answers' },
      ],
    });
    expect(answer.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('200 /v1/version and /v1/openapi.json without a session', async () => {
    expect((await api.as(null)('GET /v1/version')).response.json).toMatchObject({ version: '0.0.0', commit: 'test' });
    expect((await api.as(null)('GET /v1/openapi.json')).response.json).toMatchObject({ openapi: '3.1.1' });
  });

  test('down without what is essential, degraded without the rest; once ready, a server stays ready', async () => {
    let [database, vault] = [false, true];
    const check = (works: () => boolean) => () =>
      works() ? Promise.resolve() : Promise.reject(new Error('secret cause'));
    const handlers = metaHandlers({
      checks: [
        { name: 'database', essential: true, run: check(() => database) },
        { name: 'vault', essential: false, run: check(() => vault) },
      ],
      version: { version: '1', commit: 'x', date: '2026-11-22T00:00:00.000Z' },
      document: () => ({}),
    });
    const stateOf = async (name: 'getPlexsphereHealth' | 'getReadiness') => {
      const { status, body } = await handlers[name](input);
      expect(JSON.stringify(body)).not.toContain('secret cause');
      return [status, 'status' in body ? body.status : undefined];
    };
    expect(await stateOf('getPlexsphereHealth')).toEqual([503, 'down']);
    expect(await stateOf('getReadiness')).toEqual([503, 'down']);
    [database, vault] = [true, false];
    expect(await stateOf('getPlexsphereHealth')).toEqual([200, 'degraded']);
    expect(await stateOf('getReadiness')).toEqual([200, 'degraded']);
    database = false;
    expect(await stateOf('getReadiness')).toEqual([200, 'degraded']);
    expect(await stateOf('getPlexsphereHealth')).toEqual([503, 'down']);
  });

  test('a hanging check counts as failed before the probe times out', async () => {
    const handlers = metaHandlers({
      checks: [
        { name: 'database', essential: true, run: () => Promise.resolve() },
        { name: 'vault', essential: false, run: () => new Promise(() => {}) },
      ],
      timeoutMs: { readiness: 1, health: 1 },
      version: { version: '1', commit: 'x', date: '2026-11-22T00:00:00.000Z' },
      document: () => ({}),
    });
    for (const name of ['getPlexsphereHealth', 'getReadiness'] as const)
      expect(await handlers[name](input)).toMatchObject({
        status: 200,
        body: { status: 'degraded', checks: [{ status: 'ok' }, { status: 'down' }] },
      });
  });
});

describe('unknown routes', () => {
  test.each(['/v1', '/v1/', '/v1/nothing', '/v1/domains', '/v1/clouds/', '/v1/clouds/x/y/z', '/v1/%ff', '/readyz/x'])(
    '404 route_not_found for %s, with and without a session',
    async (path) => {
      expectProblem(await api.sendRaw('GET', path), 404, 'route_not_found');
      expectProblem(await api.sendRaw('POST', path, { token: 'x', body: '{' }), 404, 'route_not_found');
    },
  );

  test('405 with Allow for another method', async () => {
    const { token } = await api.user();
    const answer = await api.sendRaw('PUT', '/v1/clouds', { token, body: '{' });
    expectProblem(answer, 405, 'method_not_allowed');
    expect(answer.headers.get('allow')).toContain('POST');
  });

  test('HEAD answers like GET, without a body', async () => {
    const answer = await api.sendRaw('HEAD', '/v1/version');
    expect([answer.status, answer.text]).toEqual([200, '']);
  });
});
