/**
 * Every route of CredHub's API at level 2, by outcome, with each answer held against the contract. Values and texts are the
 * recordings' business (test/recordings.test.ts); here it is that every declared outcome exists and fits its schema.
 */
import { randomUUID } from 'node:crypto';
import { credhub } from '@credplex/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApi, type TestAnswer, type TestApi } from './testing/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi(2);
});
afterAll(() => api.close());

function field(answer: TestAnswer, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string | number, unknown> | undefined)?.[key], answer.body);
}
async function statusOf(...call: Parameters<TestApi['sendRaw']>) {
  return (await api.sendRaw(...call)).status;
}

const DATA = '/api/v1/data';
const PERMISSIONS = '/api/v2/permissions';
function named(name: string) {
  return `${DATA}?name=${encodeURIComponent(name)}`;
}
const root = { common_name: 'root', is_ca: true };

async function certificateId(name: string): Promise<string> {
  await api.sendRaw('POST', DATA, { name, type: 'certificate', parameters: { ...root, common_name: name.slice(1) } });
  return String(field(await api.sendRaw('GET', `/api/v1/certificates?name=${name}`), 'certificates', 0, 'id'));
}

describe('service', () => {
  test.each(['/info', '/health', '/.well-known/oauth-protected-resource'])('%s is open', async (path) => {
    expect(await statusOf('GET', path, undefined, { as: null })).toBe(200);
  });
  test.each(['/version', '/api/v1/key-usage'])('%s needs only authentication', async (path) => {
    expect(await statusOf('GET', path, undefined, { as: 'nobody' })).toBe(200);
    expect(await statusOf('GET', path, undefined, { as: null })).toBe(401);
  });
  test('/management is refused to callers of other machines', async () => {
    expect(await statusOf('GET', '/management')).toBe(401);
    expect(await statusOf('POST', '/management', { read_only_mode: true })).toBe(401);
  });
});

describe('data, 200 and 204', () => {
  test.each([
    ['value', 'v'],
    ['json', { a: [1, 'b', null] }],
    ['password', 'p'],
    ['user', { username: 'u', password: 'p' }],
    ['rsa', { public_key: 'k' }],
    ['ssh', { private_key: 'k' }],
  ])('%s is set, read, found and deleted', async (type, value) => {
    const name = `/set/${type}`;
    const set = await api.sendRaw('PUT', DATA, { name, type, value, metadata: { note: 1 } });
    expect(set.status).toBe(200);
    expect(await statusOf('GET', named(name))).toBe(200);
    expect(await statusOf('GET', `${DATA}/${String(field(set, 'id'))}`)).toBe(200);
    expect(field(await api.sendRaw('GET', `${DATA}?path=/set`), 'credentials')).toHaveLength(1);
    expect(field(await api.sendRaw('GET', `${DATA}?name-like=set/${type}`), 'credentials')).toHaveLength(1);
    expect(await statusOf('DELETE', named(name))).toBe(204);
  });

  test.each(['password', 'user', 'ssh', 'rsa'])('%s is generated and regenerated', async (type) => {
    const name = `/generated/${type}`;
    expect(await statusOf('POST', DATA, { name, type })).toBe(200);
    expect(await statusOf('POST', DATA, { name, regenerate: true })).toBe(200);
    expect(await statusOf('POST', '/api/v1/regenerate', { name })).toBe(200);
    expect(field(await api.sendRaw('GET', named(name)), 'data')).toHaveLength(3);
  });

  test('bulk-regenerate and interpolate', async () => {
    await certificateId('/bulk-ca');
    const parameters = { common_name: 'leaf', ca: '/bulk-ca' };
    await api.call('POST /api/v1/data', { body: { name: '/bulk-leaf', type: 'certificate', parameters } });
    const bulk = await api.call('POST /api/v1/bulk-regenerate', { body: { signed_by: '/bulk-ca' } });
    expect(bulk.body).toEqual({ regenerated_credentials: ['/bulk-leaf'] });
    await api.call('PUT /api/v1/data', { body: { name: '/j', type: 'json', value: { big: 1 } } });
    const body = { x: [{ credentials: { 'credhub-ref': '((/j))' }, kept: 1 }] };
    const filled = await api.call('POST /api/v1/interpolate', { body });
    expect(filled.body).toEqual({ x: [{ credentials: { big: 1 }, kept: 1 }] });
  });
});

test('concurrent bulk-regenerates and writes of their leaves all succeed', async () => {
  await certificateId('/raced-ca');
  const leaves = ['/raced/one', '/raced/two'];
  const parameters = { common_name: 'leaf', ca: '/raced-ca' };
  for (const name of leaves) await api.call('POST /api/v1/data', { body: { name, type: 'certificate', parameters } });
  const bulk = { signed_by: '/raced-ca' };
  const calls = [1, 2, 3].map(() => api.sendRaw('POST', '/api/v1/bulk-regenerate', bulk));
  calls.push(...leaves.map((name) => api.sendRaw('POST', '/api/v1/regenerate', { name })));
  expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  for (const name of leaves) expect(field(await api.sendRaw('GET', named(name)), 'data')).toHaveLength(5);
});

test('find accepts any number of days within 32 bits', async () => {
  await certificateId('/ends-one-day');
  const found = async (days: number) =>
    field(await api.sendRaw('GET', `${DATA}?name-like=ends-one-day&expires-within-days=${days}`), 'credentials');
  expect(await found(2_147_483_647)).toHaveLength(1);
  expect(await found(-2_147_483_648)).toEqual([]);
});

describe('parameters of the variants of get', () => {
  test('parameters of other variants are ignored', async () => {
    await api.sendRaw('PUT', DATA, { name: '/variants/one', type: 'value', value: 'v' });
    for (const target of [
      `${DATA}?path=/variants&versions=x&current=x&paths=x`,
      `${DATA}?name-like=variants&current=x&name=`,
      `${named('/variants/one')}&expires-within-days=x&paths=x`,
    ]) {
      expect([target, await statusOf('GET', target)]).toEqual([target, 200]);
    }
  });
  test('the same applies at level 1, and paths=true ignores the others', async () => {
    const one = await openTestApi(1);
    const seen = async (query: string) => {
      const { status, body } = await one.sendRaw('GET', `${DATA}?${query}`);
      return [status, body];
    };
    expect(await seen('paths=true&versions=x&expires-within-days=x')).toEqual([200, { paths: [] }]);
    expect(await seen('path=/&paths=x&versions=x')).toEqual([200, { credentials: [] }]);
    await one.call('PUT /api/v1/data', { body: { name: '/one', type: 'value', value: 'v' } });
    expect((await seen('name=/one&paths=x&expires-within-days=x'))[0]).toBe(200);
    expect((await seen('paths=x'))[0]).toBe(400);
    await one.close();
  });
  test('own parameters are refused when they are invalid', async () => {
    for (const [query, name] of [
      ['name=/x&versions=x', 'versions'],
      ['name=/x&current=x', 'current'],
      ['path=/&expires-within-days=x', 'expires-within-days'],
    ]) {
      const { status, body } = await api.sendRaw('GET', `${DATA}?${query}`);
      expect([status, body]).toEqual([400, { error: expect.stringContaining(`query parameter ${name} `) }]);
    }
    expect((await api.sendRaw('GET', `${DATA}?paths=x`)).text).toContain('query parameter name is required');
  });
});

describe('data, refusals', () => {
  test('400', async () => {
    for (const target of [
      DATA,
      `${DATA}?name=x&current=perhaps`,
      `${DATA}?name=x&versions=-1`,
      `${DATA}?path=a&name-like=b`,
      `${DATA}?name=%ff`,
    ]) {
      expect([target, await statusOf('GET', target)]).toEqual([target, 400]);
    }
    expect(await statusOf('DELETE', DATA)).toBe(400);
    expect(await statusOf('PUT', DATA, { name: '/a//b', type: 'value', value: 'v' })).toBe(400);
    expect(await statusOf('POST', DATA, { name: '/a', type: 'value' })).toBe(400);
    expect(await statusOf('POST', '/api/v1/regenerate', {})).toBe(400);
    expect(await statusOf('POST', '/api/v1/bulk-regenerate', {})).toBe(400);
    expect(await statusOf('POST', '/api/v1/interpolate', [])).toBe(400);
  });

  test('422, but 400 where it is a generate', async () => {
    expect(await statusOf('PUT', DATA, { name: '/a', type: 'value', value: 'v', x: 1 })).toBe(422);
    expect(await statusOf('POST', DATA, { name: '/a', type: 'password', x: 1 })).toBe(400);
    expect(await statusOf('POST', '/api/v1/regenerate', { name: '/a', x: 1 })).toBe(422);
    expect(await statusOf('POST', '/api/v1/bulk-regenerate', { signed_by: '/a', x: 1 })).toBe(422);
  });

  test('403 for a write and 404 for a read have the same text', async () => {
    await api.sendRaw('PUT', DATA, { name: '/mine', type: 'value', value: 'v' });
    const nobody = { as: 'nobody' };
    const write = await api.sendRaw('PUT', DATA, { name: '/mine', type: 'value', value: 'w' }, nobody);
    const read = await api.sendRaw('GET', named('/mine'), undefined, nobody);
    const missing = await api.sendRaw('GET', named('/no-such-name'));
    expect([write.status, read.status, missing.status]).toEqual([403, 404, 404]);
    expect(write.body).toEqual(read.body);
    expect(read.text).toBe(missing.text);
    expect(await statusOf('GET', `${DATA}/not-a-uuid`)).toBe(404);
    expect(await statusOf('DELETE', named('/mine'), undefined, nobody)).toBe(404);
  });
});

describe('certificates', () => {
  test('list, versions, regenerate, create, move, delete', async () => {
    const id = await certificateId('/c');
    const at = `/api/v1/certificates/${id}`;
    expect(await statusOf('GET', '/api/v1/certificates')).toBe(200);
    expect(await statusOf('GET', `${at}/versions?current=true`)).toBe(200);
    const regenerated = await api.sendRaw('POST', `${at}/regenerate`, { set_as_transitional: true });
    expect([regenerated.status, field(regenerated, 'transitional')]).toEqual([200, true]);
    expect(await statusOf('POST', `${at}/regenerate`, undefined, { headers: {} })).toBe(200);
    const version = { version: field(regenerated, 'id') };
    expect(await statusOf('PUT', `${at}/update_transitional_version`, version)).toBe(200);
    const value = field(regenerated, 'value');
    expect(await statusOf('POST', `${at}/versions`, { value })).toBe(200);
    expect(await statusOf('DELETE', `${at}/versions/${String(field(regenerated, 'id'))}`)).toBe(200);
  });

  test('400, 403, 404, 422', async () => {
    const id = await certificateId('/d');
    const at = `/api/v1/certificates/${id}`;
    expect(await statusOf('POST', `${at}/regenerate`, { key_length: 1 })).toBe(400);
    expect(await statusOf('POST', `${at}/regenerate`, { x: 1 })).toBe(422);
    expect(await statusOf('POST', `${at}/regenerate`, {}, { as: 'nobody' })).toBe(403);
    expect(await statusOf('POST', `/api/v1/certificates/${randomUUID()}/regenerate`, {})).toBe(404);
    expect(await statusOf('POST', `${at}/versions`, { value: { certificate: 'x' } })).toBe(400);
    expect(await statusOf('POST', `${at}/versions`, { value: {}, metadata: 1 })).toBe(422);
    expect(await statusOf('PUT', `${at}/update_transitional_version`, { x: 1 })).toBe(422);
    expect(await statusOf('PUT', `${at}/update_transitional_version`, [])).toBe(400);
    expect(await statusOf('GET', `${at}/versions?current=perhaps`)).toBe(400);
    expect(await statusOf('GET', '/api/v1/certificates/not-a-uuid/versions')).toBe(404);
    const only = field(await api.sendRaw('GET', `${at}/versions`), 0, 'id');
    expect(await statusOf('DELETE', `${at}/versions/${String(only)}`)).toBe(400);
    expect(await statusOf('GET', '/api/v1/certificates?name=/no-such-name')).toBe(404);
  });
});

describe('permissions', () => {
  const entry = { path: '/p/*', actor: 'uaa-client:x', operations: ['read'] };

  test('v2: create, find, get, replace, patch, delete', async () => {
    const created = await api.sendRaw('POST', PERMISSIONS, entry);
    expect(created.status).toBe(201);
    const at = `${PERMISSIONS}/${String(field(created, 'uuid'))}`;
    expect(await statusOf('POST', PERMISSIONS, entry)).toBe(409);
    expect(await statusOf('GET', `${PERMISSIONS}?path=/p/*&actor=uaa-client:x`)).toBe(200);
    expect(await statusOf('GET', at)).toBe(200);
    expect(await statusOf('PUT', at, { ...entry, operations: ['write'] })).toBe(200);
    expect(await statusOf('PATCH', at, { operations: ['delete'] })).toBe(200);
    expect(await statusOf('PUT', at, { ...entry, actor: 'y' })).toBe(400);
    expect(await statusOf('PATCH', at, { path: '/' })).toBe(422);
    expect(await statusOf('PATCH', at, [])).toBe(400);
    expect(await statusOf('PUT', at, { ...entry, operations: ['no'] })).toBe(422);
    expect(await statusOf('DELETE', at)).toBe(200);
    expect(await statusOf('DELETE', at)).toBe(404);
  });

  test('v1: add, list, delete', async () => {
    await api.call('PUT /api/v1/data', { body: { name: '/v1', type: 'value', value: 'v' } });
    const permissions = [{ actor: 'uaa-client:x', operations: ['read'] }];
    expect(await statusOf('POST', '/api/v1/permissions', { credential_name: '/v1', permissions })).toBe(201);
    expect(await statusOf('POST', '/api/v1/permissions', { credential_name: '/v1', permissions })).toBe(409);
    expect(await statusOf('GET', '/api/v1/permissions?credential_name=/v1')).toBe(200);
    expect(await statusOf('DELETE', '/api/v1/permissions?credential_name=/v1&actor=uaa-client:x')).toBe(204);
  });

  test('400 and 422', async () => {
    expect(await statusOf('POST', PERMISSIONS, { ...entry, path: '/a//b' })).toBe(400);
    expect(await statusOf('POST', PERMISSIONS, { ...entry, operations: ['no'] })).toBe(422);
    expect(await statusOf('GET', PERMISSIONS)).toBe(400);
    expect(await statusOf('GET', '/api/v1/permissions')).toBe(400);
    expect(await statusOf('DELETE', '/api/v1/permissions')).toBe(400);
    expect(await statusOf('POST', '/api/v1/permissions', { credential_name: '/v1' })).toBe(400);
    expect(await statusOf('POST', '/api/v1/permissions', { credential_name: '/v1', x: 1 })).toBe(422);
  });
});

describe('HTTP', () => {
  test('an unknown route is 404 in words, an unknown method 404 without, both behind authentication', async () => {
    const unknown = await api.sendRaw('GET', '/api/v1/unknown');
    expect([unknown.status, field(unknown, 'error')]).toEqual([404, expect.stringContaining('does not exist')]);
    const method = await api.sendRaw('PATCH', DATA, {});
    expect([method.status, method.text, method.headers.get('allow')]).toEqual([404, '', null]);
    expect(await statusOf('GET', '/api/v1/unknown', undefined, { as: null })).toBe(401);
    expect(await statusOf('GET', '/docs/index.html', undefined, { as: null })).toBe(404);
  });

  test('OPTIONS tells the methods, HEAD is GET without a body, a slash at the end is nothing', async () => {
    const options = await api.sendRaw('OPTIONS', DATA);
    expect([options.status, options.text, options.headers.get('allow')]).toEqual([
      200,
      '',
      'DELETE,GET,HEAD,OPTIONS,POST,PUT',
    ]);
    const head = await api.sendRaw('HEAD', '/health');
    expect([head.status, head.text]).toEqual([200, '']);
    expect(await statusOf('GET', '/health/')).toBe(200);
  });

  test.each(['/api//v1/data', '/api/v1/data;x=1', '/api/v1/a%2Edata'])(
    '%s is refused like a request without credentials',
    async (path) => {
      expect(await api.sendRaw('GET', path)).toMatchObject({ status: 401, body: { error: 'access_denied' } });
    },
  );

  test.each(['/api/v1/data%2Fx', '/api/v1%2fdata', '/info%2F'])(
    'a slash encoded in the path, as in %s, is 400 to everybody',
    async (path) => {
      const error = expect.stringContaining('path or body did not meet expectation');
      for (const as of ['admin', null]) {
        expect(await api.sendRaw('GET', path, undefined, { as })).toMatchObject({ status: 400, body: { error } });
      }
    },
  );

  test('headers of every answer', async () => {
    for (const answer of [
      (await api.call('GET /health')).response,
      await api.sendRaw('GET', '/nowhere'),
      await api.sendRaw('GET', DATA, undefined, { as: 'bad' }),
    ]) {
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-xss-protection': '0',
        'cache-control': 'no-cache, no-store, max-age=0, must-revalidate',
        pragma: 'no-cache',
        expires: '0',
        'strict-transport-security': 'max-age=31536000 ; includeSubDomains',
        'x-frame-options': 'DENY',
        'x-credplex-level': '2',
      });
    }
  });

  test('406 for a client that does not accept JSON, before any change', async () => {
    const body = { name: '/not-acceptable', type: 'value', value: 'v' };
    expect(await api.sendRaw('PUT', DATA, body, { headers: { accept: 'text/html' } })).toMatchObject({
      status: 406,
      text: '',
    });
    expect(await statusOf('GET', named('/not-acceptable'))).toBe(404);
  });

  test('413 above the limit', async () => {
    const small = await openTestApi(2, 'limits: {body: 1024}');
    const answer = await small.sendRaw('PUT', DATA, { name: '/a', type: 'value', value: 'v'.repeat(1024) });
    await small.close();
    expect([answer.status, field(answer, 'error')]).toEqual([413, 'Value exceeds the maximum size.']);
  });

  test('a name of a million slashes is 404', async () => {
    const name = '/a'.repeat(1_000_000);
    const parameters = { common_name: 'x', ca: name };
    expect(await statusOf('POST', '/api/v1/regenerate', { name })).toBe(404);
    expect(await statusOf('POST', '/api/v1/regenerate', { name }, { as: 'nobody' })).toBe(403);
    expect(await statusOf('POST', '/api/v1/bulk-regenerate', { signed_by: name })).toBe(200);
    expect(await statusOf('POST', DATA, { name: '/x', type: 'certificate', parameters })).toBe(404);
    const body = { x: [{ credentials: { 'credhub-ref': name } }] };
    expect(await statusOf('POST', '/api/v1/interpolate', body)).toBe(404);
  });

  test('413 for a password of a user that would take minutes to hash; nobody else is held up', async () => {
    const user = (password: string) =>
      api.call('PUT /api/v1/data', { body: { name: '/u', type: 'user', value: { password } } });
    const answers = await Promise.all(['x'.repeat(1_000_000), 'é'.repeat(9000), 'short'].map(user));
    expect(answers.map(({ status }) => status)).toEqual([413, 413, 200]);
  });

  test('403 without the scopes, with an empty body', async () => {
    const answer = await api.sendRaw('GET', named('/a'), undefined, { as: 'noscope' });
    expect([answer.status, answer.text]).toEqual([403, '']);
    expect(answer.headers.get('www-authenticate')).toContain('insufficient_scope');
  });
});

describe('audit lines', () => {
  test('one for each resource of an authenticated request, never a value', async () => {
    await api.call('PUT /api/v1/data', { body: { name: '/audited', type: 'value', value: 'canary-of-the-audit' } });
    await api.sendRaw('GET', named('/audited'));
    const lines = api.auditLines.filter((line) => line.includes('/audited'));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/requestMethod=PUT .* cs4=200 .* cs2=\/audited .* deviceAction=SET cs6Label/);
    expect(api.auditLines.join('')).not.toContain('canary-of-the-audit');
  });

  test('none for /info, /health, /version, key-usage and refused callers', async () => {
    const before = api.auditLines.length;
    for (const path of ['/info', '/health', '/version', '/api/v1/key-usage']) await api.sendRaw('GET', path);
    await api.sendRaw('GET', named('/a'), undefined, { as: null });
    expect(api.auditLines).toHaveLength(before);
  });
});

// Last: it looks at what the others have seen.
describe('coverage', () => {
  const OUTCOMES = [200, 201, 204, 400, 409, 422];
  test.each(Object.values(credhub).filter(({ path }) => path !== '/management'))(
    'every outcome of $id has a case',
    ({ id, responses }) => {
      const missing = Object.keys(responses)
        .map(Number)
        .filter((status) => OUTCOMES.includes(status) && !api.statuses.get(id)?.has(status));
      expect(missing).toEqual([]);
    },
  );
  test('nothing failed with a 5xx', () => expect(api.failures).toEqual([]));
});
