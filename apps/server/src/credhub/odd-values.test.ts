/** Values that are taken, or refused, in a way that is not obvious: blanks, lone surrogates, content types, short keys. */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApi, type TestAnswer, type TestApi } from './testing/api.ts';

const DATA = '/api/v1/data';
const BAD_REQUEST = 'path or body did not meet expectation';

describe.each([1, 2] as const)('level %i', (level) => {
  let api: TestApi;
  beforeAll(async () => {
    api = await openTestApi(level);
  });
  afterAll(() => api.close());

  const generate = (name: string, type: string, parameters: unknown, mode: unknown = 'overwrite') =>
    api.sendRaw('POST', DATA, { name, type, parameters, mode });
  const field = (answer: TestAnswer, ...path: (string | number)[]): unknown =>
    path.reduce<unknown>((at, key) => (at as Record<string | number, unknown> | undefined)?.[key], answer.body);

  test('blanks around words, numbers and booleans are taken off, other white space is not', async () => {
    expect(
      (await generate('/blank/a', 'password', { length: ' 20 ', exclude_upper: '\ttrue' }, ' converge')).status,
    ).toBe(200);
    expect((await generate('/blank/a', 'password', { length: '\u00a020' })).status).toBe(400);
    expect((await generate('/blank/a', 'password', {}, 'conv erge')).status).toBe(400);
    const entry = { path: '/blank/a', actor: 'uaa-client:a', operations: ['read ', ' write_acl'] };
    const made = await api.sendRaw('POST', '/api/v2/permissions', entry);
    expect(field(made, 'operations')).toEqual(['read', 'write_acl']);
    for (const operation of ['READ', '\u00a0read', '']) {
      const refused = await api.sendRaw('POST', '/api/v2/permissions', {
        ...entry,
        actor: 'b',
        operations: [operation],
      });
      expect(field(refused, 'error')).toContain('operation is not supported');
    }
  });

  test('a blank text is null where a number or boolean may be null, and refused where it may not', async () => {
    expect((await api.sendRaw('POST', DATA, { name: '/blank/b', type: 'password', overwrite: ' ' })).status).toBe(200);
    expect((await generate('/blank/b', 'password', { length: '' })).status).toBe(400);
    expect((await generate('/blank/b', 'password', { exclude_upper: ' ' })).status).toBe(400);
  });

  test('the flag of the old regenerate is true, "true" or an integer, to the letter', async () => {
    await generate('/flag', 'password', {});
    const regenerate = async (flag: unknown) =>
      (await api.sendRaw('POST', DATA, { name: '/flag', regenerate: flag })).status;
    for (const flag of [true, 'true', 1, -2]) expect(await regenerate(flag)).toBe(200);
    for (const flag of [' true', 'TRUE', '', '1', 1.5, [true], {}]) expect(await regenerate(flag)).toBe(400);
    const unknown = await api.sendRaw('POST', DATA, { name: '/flag', regenerate: 'false' });
    expect(field(unknown, 'error')).toContain("unrecognized parameter 'regenerate'");
  });

  test('interpolate gives lone surrogates back; in what is stored they are "?"; in a key they are refused', async () => {
    const send = (method: string, target: string, text: string) => api.sendRaw(method, target, undefined, { text });
    const echoed = await send('POST', '/api/v1/interpolate', String.raw`{"a":["\ud800",{"b":"\udc00\ud800"}]}`);
    expect(echoed.text).toBe(String.raw`{"a":["\ud800",{"b":"\udc00\ud800"}]}`);
    const stored = String.raw`{"name":"/lone","type":"json","value":"\ud800","metadata":{"a":"\ud800"}}`;
    const set = await send('PUT', DATA, stored);
    expect([field(set, 'value'), field(set, 'metadata')]).toEqual(['?', { a: '?' }]);
    for (const text of [String.raw`{"\udc00":1}`, String.raw`{"a":{"\ud800":1}}`]) {
      expect(field(await send('POST', '/api/v1/interpolate', text), 'error')).toContain(BAD_REQUEST);
    }
    const key = String.raw`{"name":"/lone","type":"password","\ud800":1}`;
    expect(field(await send('POST', DATA, key), 'error')).toContain(BAD_REQUEST);
  });

  test('permissions are posted as application/json, other bodies as application/*+json too, none as a wildcard', async () => {
    const status = async (method: string, target: string, body: unknown, type: string) =>
      (await api.sendRaw(method, target, undefined, { text: JSON.stringify(body), headers: { 'content-type': type } }))
        .status;
    await api.sendRaw('PUT', DATA, { name: '/typed', type: 'value', value: 'v' });
    const permissions = [{ actor: 'uaa-client:a', operations: ['read'] }];
    const v1 = { credential_name: '/typed', permissions };
    const v2 = { path: '/typed', ...permissions[0] };
    for (const type of ['application/problem+json', 'application/*+json', 'application/*', 'text/json', 'json']) {
      expect(await status('POST', '/api/v1/permissions', v1, type)).toBe(400);
      expect(await status('POST', '/api/v2/permissions', v2, type)).toBe(400);
    }
    expect(await status('POST', '/api/v1/permissions', v1, 'application/JSON;charset=utf-8')).toBe(201);
    const found = await api.sendRaw('GET', '/api/v2/permissions?path=/typed&actor=uaa-client:a');
    const target = `/api/v2/permissions/${String(field(found, 'uuid'))}`;
    expect(await status('PUT', target, v2, 'application/problem+json')).toBe(200);
    expect(await status('PATCH', target, { operations: ['read'] }, 'application/vnd.x+json')).toBe(200);
    expect(await status('PUT', target, v2, 'application/*+json')).toBe(400);
  });

  test('blanks at the ends of subject fields go, so that converge finds the certificate', async () => {
    const subject = { common_name: ' ab ', organization: '  ', state: '\ts' };
    const made = await generate('/subject', 'certificate', { ...subject, self_sign: true }, 'converge');
    const same = await generate(
      '/subject',
      'certificate',
      { ...subject, common_name: 'ab', self_sign: true },
      'converge',
    );
    expect(field(same, 'id')).toBe(field(made, 'id'));
    expect((await generate('/subject', 'certificate', { common_name: ' ', self_sign: true })).status).toBe(200);
    expect((await generate('/subject', 'certificate', { common_name: '', self_sign: true })).status).toBe(400);
  });

  test('alternative names above ASCII are refused', async () => {
    for (const name of ['bücher.example.com', 'a\u0080.com', 'ÿ', '例え.jp']) {
      const refused = await generate('/names', 'certificate', {
        common_name: 'a',
        self_sign: true,
        alternative_names: [name],
      });
      expect(field(refused, 'error')).toContain('alternative name is not a valid hostname');
    }
  });

  test('regenerate takes a name of several segments without its slash at level 1 alone', async () => {
    await generate('/one', 'password', {});
    await generate('/several/segments', 'password', {});
    const regenerate = async (name: string) => (await api.sendRaw('POST', '/api/v1/regenerate', { name })).status;
    expect(await regenerate('one')).toBe(200);
    expect(await regenerate('several/segments')).toBe(level === 1 ? 200 : 404);
    expect(await regenerate('/several/segments')).toBe(200);
  });

  test('what the original fails at is done: an ssh key in PEM, JSON nested 499 deep, blanks before a number', async () => {
    const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' });
    const ssh = await api.sendRaw('PUT', DATA, { name: '/done/ssh', type: 'ssh', value: { public_key: pem } });
    expect([ssh.status, field(ssh, 'value', 'public_key_fingerprint')]).toEqual([200, null]);
    const deep = `${'['.repeat(499)}${']'.repeat(499)}`;
    const json = await api.sendRaw('PUT', DATA, undefined, {
      text: `{"name":"/done/json","type":"json","value":${deep}}`,
    });
    expect(json.status).toBe(200);
    expect((await api.sendRaw('GET', `${DATA}?name=/done/json`)).text).toContain(`"value":${deep}`);
    expect((await api.sendRaw('GET', `${DATA}?name=/done/json&versions=%201`)).status).toBe(200);
    expect((await api.sendRaw('GET', `${DATA}?path=/done&expires-within-days=+1`)).status).toBe(200);
  });
});
