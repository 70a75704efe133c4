/**
 * Of several faults the original names one: faults of fields in the order of the document, then the text behind them, then the
 * rules, then permission, then what only a writer may know.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApi, type TestApi } from './testing/api.ts';

const DATA = '/api/v1/data';
const NOT_FOUND = 'does not exist or you do not have sufficient authorization';
const BAD_REQUEST = 'path or body did not meet expectation';
function UNKNOWN(key: string) {
  return `unrecognized parameter '${key}'`;
}
/** In a text of a case: a name of 1031 characters. */
const LONG = `/${'a'.repeat(1030)}`;
const NO_NAME = 'A credential name must be provided';

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi(2);
});
afterAll(() => api.close());

async function errorOf(method: string, target: string, text: string, as = 'admin') {
  const { status, body } = await api.sendRaw(method, target, undefined, { text, as });
  return `${status} ${(body as { error?: string } | undefined)?.error}`;
}
type Case = readonly [text: string, error: string, status: number];
function check(method: string, target: string, cases: readonly Case[], as = 'admin') {
  return test.each(cases)(`${method} ${target} %s: %s`, async (text, error, status) => {
    const answer = await errorOf(method, target, text.replace('LONG', LONG), as);
    expect(answer).toContain(error);
    expect(answer.startsWith(String(status))).toBe(true);
  });
}

describe('faults of fields come in the order of the document', () => {
  check('PUT', DATA, [
    ['{"name":"/x","type":"value","value":["a"],"unknown":1}', BAD_REQUEST, 400],
    ['{"unknown":1,"name":"/x","type":"value","value":["a"]}', UNKNOWN('unknown'), 422],
    ['{"value":{"unknown":1},"name":["a"],"type":"rsa"}', UNKNOWN('unknown'), 422],
    ['{"name":["a"],"value":{"unknown":1},"type":"rsa"}', BAD_REQUEST, 400],
    ['{"name":"/x","value":{"transitional":"x"},"type":"certificate","unknown":1}', BAD_REQUEST, 400],
    ['{"unknown":1,"type":"nope"}', 'does not include a valid type', 422],
  ]);
  check('POST', DATA, [
    ['{"name":"/x","type":"password","parameters":{"length":"x"},"unknown":1}', BAD_REQUEST, 400],
    ['{"name":"/x","type":"password","unknown":1,"parameters":{"length":"x"}}', UNKNOWN('unknown'), 400],
    ['{"parameters":{"unknown":1},"name":["a"],"type":"certificate"}', UNKNOWN('unknown'), 400],
    ['{"value":{"unknown":1},"mode":"x","type":"user"}', UNKNOWN('unknown'), 400],
    ['{"mode":"x","value":{"unknown":1},"type":"user"}', BAD_REQUEST, 400],
  ]);
  check('POST', '/api/v1/regenerate', [
    ['{"name":["a"],"unknown":1}', BAD_REQUEST, 400],
    ['{"unknown":1,"name":["a"]}', UNKNOWN('unknown'), 422],
  ]);
});

describe('an unknown key of a user, a permission or a regeneration comes after the faults of known ones', () => {
  check('PUT', DATA, [
    ['{"name":"/x","type":"user","value":{"unknown":1,"username":["a"]}}', BAD_REQUEST, 400],
    ['{"name":"/x","type":"user","value":{"unknown":1,"username":"a"},"other":1}', UNKNOWN('unknown'), 422],
  ]);
  const ID = '00000000-0000-4000-8000-000000000000';
  check('POST', `/api/v1/certificates/${ID}/regenerate`, [
    ['{"unknown":1,"duration":"x"}', BAD_REQUEST, 400],
    ['{"unknown":1,"duration":1}', UNKNOWN('unknown'), 422],
  ]);
  check('POST', '/api/v2/permissions', [
    ['{"unknown":1,"path":"/x","operations":["read"]}', BAD_REQUEST, 400],
    ['{"unknown":1,"path":"/x","actor":"a"}', 'operation is not supported', 422],
    ['{"unknown":1,"path":"/x","actor":"a","operations":["read"]}', UNKNOWN('unknown'), 422],
    ['{"path":null,"actor":"a","operations":["x"]}', 'operation is not supported', 422],
  ]);
});

describe('a fault of a field comes before a fault of the text behind it', () => {
  const broken: readonly Case[] = [
    ['{"a":1} x', UNKNOWN('a'), 422],
    ['{"a":,}', BAD_REQUEST, 400],
    ['{} x', BAD_REQUEST, 400],
    ['[[', BAD_REQUEST, 400],
    ['null x', BAD_REQUEST, 400],
    ['true x', BAD_REQUEST, 400],
  ];
  const ID = '00000000-0000-4000-8000-000000000000';
  const brokenInside: readonly Case[] = [
    ['{"a":1', UNKNOWN('a'), 422],
    ['{"a":[1,}', UNKNOWN('a'), 422],
  ];
  check('POST', `/api/v1/certificates/${ID}/regenerate`, broken);
  for (const [method, target] of [
    ['POST', '/api/v1/regenerate'],
    ['POST', '/api/v1/bulk-regenerate'],
    ['POST', `/api/v1/certificates/${ID}/versions`],
    ['PUT', `/api/v1/certificates/${ID}/update_transitional_version`],
    ['POST', '/api/v1/permissions'],
    ['PATCH', `/api/v2/permissions/${ID}`],
  ] as const) {
    check(method, target, [...broken, ...brokenInside]);
  }

  check('PUT', DATA, [
    ['{"a":1} x', 'does not include a valid type', 422],
    ['{"a":1', BAD_REQUEST, 400],
    ['{"a":1,"type":"value"} x', UNKNOWN('a'), 422],
    ['{"a":1,"type":"value"', UNKNOWN('a'), 422],
    ['{"type":"value","name":"/x","value":"v"} x', BAD_REQUEST, 400],
    ['12 x', 'does not include a valid type', 422],
    ['true', 'does not include a valid type', 422],
  ]);
  check('POST', DATA, [
    ['{"a":1} x', BAD_REQUEST, 400],
    ['{"a":1', BAD_REQUEST, 400],
  ]);
  check('POST', '/api/v1/interpolate', [['{"a":1} x', BAD_REQUEST, 400]]);

  test('and nothing is written of a text that is not whole', async () => {
    await errorOf('PUT', DATA, '{"type":"value","name":"/whole","value":"v"} x');
    await errorOf('PUT', DATA, '{"type":"value","name":"/whole","value":"v"');
    await errorOf('PUT', DATA, '{"type":"json","name":"/whole","value":[1,{"a":2');
    expect((await api.sendRaw('GET', `${DATA}?name=/whole`)).status).toBe(404);
  });
});

describe('generate: form of the name, type, modes, parameters, sizes, parameters', () => {
  const both = '"mode":"converge","overwrite":true';
  check('POST', DATA, [
    [`{"name":"//x","type":"password",${both}}`, "cannot end with a '/'", 400],
    [`{"type":"certificate"}`, NO_NAME, 400],
    [`{"name":"/x","type":"value",${both}}`, 'of this type cannot be generated', 400],
    [`{"name":"/x","type":"certificate",${both}}`, 'cannot be combined', 400],
    [`{"name":"/x","type":"certificate","parameters":{},${both}}`, 'cannot be combined', 400],
    [`{"name":"LONG","type":"certificate"}`, 'must include a value for', 400],
    [`{"name":"LONG","type":"rsa","parameters":{"key_length":5}}`, 'key length is not supported', 400],
    [`{"name":"LONG","type":"certificate","parameters":{}}`, 'cannot exceed 1024', 400],
  ]);
});

describe('set: value and name, then their sizes, then permission, then what only a writer is told', () => {
  check('PUT', DATA, [
    [`{"name":"LONG","type":"value","value":""}`, 'non-empty value', 400],
    ['{"name":"/","type":"certificate","value":{"private_key":"x"}}', NO_NAME, 400],
    [`{"name":"LONG","type":"certificate","value":{"private_key":"x"}}`, 'cannot exceed 1024', 400],
    ['{"name":"/x","type":"certificate","value":{"private_key":"x","ca_name":"/none"}}', 'provide a certificate', 400],
  ]);
  check(
    'PUT',
    DATA,
    [
      ['{"name":"/x","type":"value","value":""}', 'non-empty value', 400],
      ['{"name":"/x","type":"certificate","value":{"private_key":"x"}}', NOT_FOUND, 403],
      [`{"name":"LONG","type":"value","value":"v"}`, 'cannot exceed 1024', 400],
    ],
    'nobody',
  );
  check('POST', DATA, [[`{"name":"LONG","regenerate":true}`, NOT_FOUND, 403]], 'nobody');

  test('the CA is looked for before the type of the stored credential', async () => {
    const root = { name: '/order/root', type: 'certificate', parameters: { common_name: 'root', is_ca: true } };
    const other = { name: '/order/other', type: 'certificate', parameters: { common_name: 'other', self_sign: true } };
    const made = (await api.sendRaw('POST', DATA, other)).body as { value: { certificate: string } };
    await api.sendRaw('POST', DATA, root);
    await api.sendRaw('PUT', DATA, { name: '/order/v', type: 'value', value: 'v' });
    const set = async (ca_name: string) => {
      const value = { ca_name, certificate: made.value.certificate };
      return errorOf('PUT', DATA, JSON.stringify({ name: '/order/v', type: 'certificate', value }));
    };
    expect(await set('/order/none')).toContain('404 The request could not be completed because the CA');
    expect(await set('/order/root')).toContain("not signed by the CA specified in the 'ca_name'");
    expect(await set('/order/other')).toContain('given CA is not a certificate authority');
  });
});

describe('certificates: permission, the stored certificate, the CA, then a second transitional version', () => {
  test('regenerate and versions name them in this order', async () => {
    const root = { name: '/turn/root', type: 'certificate', parameters: { common_name: 'root', is_ca: true } };
    await api.sendRaw('POST', DATA, root);
    const listed = await api.sendRaw('GET', '/api/v1/certificates?name=/turn/root');
    const { certificates } = listed.body as { certificates: { id: string }[] };
    const target = `/api/v1/certificates/${certificates[0]?.id}`;
    const regenerate = (body: object, as?: string) =>
      errorOf('POST', `${target}/regenerate`, JSON.stringify({ set_as_transitional: true, ...body }), as);
    expect(await regenerate({ key_length: 5 }, 'nobody')).toContain('403');
    await regenerate({});
    expect(await regenerate({ key_length: 5 })).toContain('key length is not supported');
    expect(await regenerate({ key_length: 2048, metadata: 'm'.repeat(7001) })).toContain('transitional versions');
    const version = JSON.stringify({ value: { private_key: 'x' }, transitional: true });
    expect(await errorOf('POST', `${target}/versions`, version, 'nobody')).toContain('403');
    expect(await errorOf('POST', `${target}/versions`, version)).toContain('transitional versions');
    const unmarked = JSON.stringify({ value: { private_key: 'x' } });
    expect(await errorOf('POST', `${target}/versions`, unmarked)).toContain('provide a certificate');
  });
});

describe('interpolate fails for the first reference that cannot be replaced', () => {
  test.each([
    [['/refs/value', `/refs/LONG`], "must be of type 'JSON'"],
    [['/refs/LONG', '/refs/value'], NOT_FOUND],
    [['/refs/none', '/refs/value'], NOT_FOUND],
  ])('%j: %s', async (references, error) => {
    await api.sendRaw('PUT', DATA, { name: '/refs/value', type: 'value', value: 'v' });
    const credentials = references.map((name) => ({ credentials: { 'credhub-ref': name.replace('LONG', LONG) } }));
    expect(await errorOf('POST', '/api/v1/interpolate', JSON.stringify({ services: credentials }))).toContain(error);
  });
});

describe('v1 permissions are looked at one after the other', () => {
  test('one that adds nothing refuses the request, and nothing of it is stored', async () => {
    await api.sendRaw('PUT', DATA, { name: '/acl', type: 'value', value: 'v' });
    const post = (...permissions: unknown[]) =>
      errorOf('POST', '/api/v1/permissions', JSON.stringify({ credential_name: '/acl', permissions }));
    const entry = (actor: string) => ({ actor: `uaa-client:${actor}`, operations: ['read'] });
    await post(entry('a'));
    expect(await post(entry('b'), entry('a'))).toContain('409');
    expect(await post(entry('a'), entry('admin'))).toContain('409');
    expect(await post(entry('admin'), entry('a'))).toContain('400 Modification');
    const listed = await api.sendRaw('GET', '/api/v1/permissions?credential_name=/acl');
    expect((listed.body as { permissions: unknown[] }).permissions).toHaveLength(1);
  });
});
