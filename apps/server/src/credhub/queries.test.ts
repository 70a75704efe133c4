/** Query parameters of CredHub's API: given twice, in another spelling of the name, several of them wrong. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApi, type TestApi } from './testing/api.ts';

describe.each([1, 2] as const)('level %i', (level) => {
  let api: TestApi;
  beforeAll(async () => {
    api = await openTestApi(level);
  });
  afterAll(() => api.close());

  const DATA = '/api/v1/data';
  const status = async (method: string, target: string, body?: unknown, as = 'admin') =>
    (await api.sendRaw(method, target, body, { as })).status;
  const error = async (target: string, as = 'admin') =>
    ((await api.sendRaw('GET', target, undefined, { as })).body as { error: string }).error;
  const set = (name: string) => api.sendRaw('PUT', DATA, { name, type: 'value', value: 'v' });
  const permit = (path: string, operations: string[]) =>
    api.sendRaw('POST', '/api/v2/permissions', { path, actor: 'uaa-client:other', operations });

  test('texts given twice are joined by a comma on every route, so that DELETE removes nothing', async () => {
    await set('/twice/a');
    await set('/twice/b');
    expect(await status('DELETE', `${DATA}?name=/twice/a&name=/twice/b`)).toBe(404);
    expect(await status('GET', `${DATA}?name=/twice/a`)).toBe(200);
    await set('/twice/a,/twice/b');
    const joined = await api.sendRaw('GET', `${DATA}?name=/twice/a&name=/twice/b`);
    expect(joined.text).toContain('"/twice/a,/twice/b"');
    expect((await api.sendRaw('GET', `${DATA}?path=/twice&path=/twice`)).body).toEqual({ credentials: [] });
    expect((await api.sendRaw('GET', `${DATA}?name-like=twice&name-like=`)).body).toEqual({ credentials: [] });
    expect(await status('GET', '/api/v1/certificates?name=/twice/a&name=/twice/a')).toBe(404);
    await permit('/twice/b', ['read']);
    const twice = 'credential_name=/twice/b&credential_name=/twice/b';
    expect(await status('GET', `/api/v1/permissions?${twice}`)).toBe(404);
    const other = 'actor=uaa-client:other';
    expect(await status('DELETE', `/api/v1/permissions?credential_name=/twice/b&${other}&${other}`)).toBe(404);
    expect(await status('GET', `/api/v2/permissions?path=/twice/b&path=/twice/b&${other}`)).toBe(404);
    expect(await status('GET', `/api/v2/permissions?path=/twice/b&${other}&${other}`)).toBe(404);
    expect(await status('GET', `/api/v2/permissions?path=/twice/b&${other}`)).toBe(200);
  });

  test('of booleans and integers the first value counts', async () => {
    await set('/first/a');
    const versions = async (query: string) =>
      ((await api.sendRaw('GET', `${DATA}?name=/first/a&${query}`)).body as { data: unknown[] }).data.length;
    expect(await versions('current=true&current=x')).toBe(1);
    expect(await versions('current=&current=x')).toBe(1);
    expect(await versions('versions=1&versions=x')).toBe(1);
    expect(await status('GET', `${DATA}?name=/first/a&current=x&current=true`)).toBe(400);
    expect(await status('GET', `${DATA}?path=/first&expires-within-days=1&expires-within-days=x`)).toBe(200);
    expect(await status('GET', `${DATA}?path=/first&expires-within-days=x&expires-within-days=1`)).toBe(400);
  });

  test('an absent name is named before the kinds of other parameters, and an empty one after them', async () => {
    const missing = 'The query parameter name is required for this request.';
    expect(await error(`${DATA}?current=maybe`)).toBe(missing);
    expect(await error(`${DATA}?versions=x`)).toBe(missing);
    expect(await error(`${DATA}?name=&versions=-1`)).toBe(missing);
    expect(await error(`${DATA}?name=&current=true&versions=1`)).toBe(missing);
    expect(await error(`${DATA}?name=&versions=x`)).toContain('versions was not valid');
  });

  test('a negative number of versions is named only to a caller who may read the name', async () => {
    await set('/negative/a');
    await permit('/negative/*', ['read']);
    expect(await status('GET', `${DATA}?name=/negative/a&versions=-1`, undefined, 'nobody')).toBe(404);
    expect(await error(`${DATA}?name=/negative/a&versions=-1`, 'other')).toContain('versions was not valid');
    expect(await error(`${DATA}?name=/negative/none&versions=-1`, 'other')).toContain('versions was not valid');
    expect(await error(`${DATA}?name=/negative/a&versions=-1&current=true`, 'nobody')).toContain('cannot be provided');
  });

  test('certificates by name ask for permission under the spelling of the request', async () => {
    const parameters = { common_name: 'a', self_sign: true };
    await api.sendRaw('POST', DATA, { name: '/spelled/Leaf', type: 'certificate', parameters });
    await permit('/spelled/Leaf', ['read']);
    const of = (name: string) => status('GET', `/api/v1/certificates?name=${name}`, undefined, 'other');
    expect(await of('/spelled/Leaf')).toBe(200);
    expect(await of('spelled/Leaf')).toBe(200);
    expect(await of('/spelled/leaf')).toBe(404);
    await permit('/spelled/LEAF', ['read']);
    expect(await of('/spelled/LEAF')).toBe(200);
    expect(await status('GET', '/api/v1/certificates?name=/spelled/leaf')).toBe(200);
  });

  test('v1 permissions are listed to who may read them under the stored spelling, however it is asked', async () => {
    await set('/listed/Name');
    await permit('/listed/Name', ['read_acl']);
    const of = (name: string, as: string) =>
      status('GET', `/api/v1/permissions?credential_name=${name}`, undefined, as);
    expect(await of('/listed/NAME', 'other')).toBe(200);
    expect(await of('/listed/Name', 'other')).toBe(200);
    expect(await of('/LISTED/name', 'nobody')).toBe(404);
    expect(await of('/listed/none', 'other')).toBe(404);
  });
});
