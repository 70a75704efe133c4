/** Bounds of request bodies, as callers see them at both levels. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApi, type TestApi } from './testing/api.ts';

const TOO_LARGE = { status: 413, body: { error: 'Value exceeds the maximum size.' } };
const NODES = 200;

describe.each([1, 2] as const)('level %i', (level) => {
  let api: TestApi;
  beforeAll(async () => {
    api = await openTestApi(level, `limits: {json_nodes: ${NODES}}`);
  });
  afterAll(() => api.close());

  test.each([
    ['PUT', '/api/v1/data'],
    ['POST', '/api/v1/data'],
    ['POST', '/api/v1/regenerate'],
    ['POST', '/api/v1/bulk-regenerate'],
    ['POST', '/api/v1/interpolate'],
    ['POST', '/api/v1/permissions'],
    ['POST', '/api/v2/permissions'],
    ['PUT', '/api/v2/permissions/1-1-1-1-1'],
    ['PATCH', '/api/v2/permissions/1-1-1-1-1'],
    ['POST', '/api/v1/certificates/1-1-1-1-1/versions'],
    ['POST', '/api/v1/certificates/1-1-1-1-1/regenerate'],
    ['PUT', '/api/v1/certificates/1-1-1-1-1/update_transitional_version'],
  ])('%s %s with more JSON values than limits.json_nodes is a value that is too large', async (method, path) => {
    expect(await api.sendRaw(method, path, new Array(NODES).fill(0))).toMatchObject(TOO_LARGE);
    expect((await api.sendRaw(method, path, new Array(NODES - 1).fill(0))).status).not.toBe(413);
  });

  test('a value with as many JSON values as the limit allows is set and read', async () => {
    const value = new Array(NODES - 4).fill(0);
    expect((await api.sendRaw('PUT', '/api/v1/data', { name: '/nodes', type: 'json', value })).status).toBe(200);
    expect((await api.sendRaw('GET', '/api/v1/data?name=/nodes')).body).toMatchObject({ data: [{ value }] });
  });

  test('a list beyond its bound is a value that is too large, and changes nothing', async () => {
    const operations = new Array(65).fill('read');
    expect(await api.sendRaw('POST', '/api/v2/permissions', { path: '/x', actor: 'a', operations })).toMatchObject(
      TOO_LARGE,
    );
    const parameters = { common_name: 'a', self_sign: true, key_usage: new Array(65).fill('key_agreement') };
    const body = { name: '/certificate', type: 'certificate', parameters };
    expect(await api.sendRaw('POST', '/api/v1/data', body)).toMatchObject(TOO_LARGE);
    expect((await api.sendRaw('GET', '/api/v1/data?name=/certificate')).status).toBe(404);
  });

  test('form fields of more than 64 KiB are not read', async () => {
    const form = {
      text: `name=${'a'.repeat(65_536)}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    };
    expect(await api.sendRaw('DELETE', '/api/v1/data', undefined, form)).toMatchObject(TOO_LARGE);
  });
});
