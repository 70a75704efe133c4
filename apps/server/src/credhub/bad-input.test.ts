/** Generated requests, from nearly right to hopeless: always an answer of the contract, never a 5xx, never a value leaked. */
import { credhub } from '@credplex/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApi, type TestAnswer, type TestApi } from './testing/api.ts';

const RUNS = 500;
const CANARY = 'canary-of-another-owner';

const name = fc.oneof(
  fc.constantFrom(
    '/a',
    'a',
    '/A',
    '/a/b',
    '',
    '/',
    '//',
    '/a//b',
    '/a/',
    '/a\u0000b',
    '/ä',
    '/%',
    '/_',
    '/a*',
    '*',
    '/*',
    '/secret',
  ),
  fc.constantFrom(255, 256, 1024, 1025, 100_000).map((length) => `/${'n'.repeat(length - 1)}`),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const id = fc.oneof(
  fc.uuid(),
  fc.constantFrom(
    '1-1-1-1-1',
    'x',
    '%00',
    '%ff',
    'ABCDEF00-0000-4000-8000-000000000000',
    '00000000000040008000000000000000',
  ),
);
const word = fc.constantFrom(
  'value',
  'json',
  'password',
  'user',
  'certificate',
  'ssh',
  'rsa',
  'VALUE',
  'overwrite',
  'no-overwrite',
  'converge',
  'read',
  'write',
  'latest',
);
const number = fc.constantFrom(
  '0',
  '-1',
  '1.5',
  '1e400',
  '-0',
  '99999999999999999999',
  '2048',
  '1',
  `1${'0'.repeat(1200)}`,
);
const anything = fc.oneof(
  { weight: 3, arbitrary: name },
  { weight: 3, arbitrary: word },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      null,
      true,
      false,
      [],
      {},
      [null],
      { a: null },
      0,
      -1,
      1.5,
      '\ud800',
      '\u0000',
      '-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n',
    ),
  },
  { weight: 1, arbitrary: fc.array(word, { maxLength: 2 }) },
);
const KEYS = [
  'name',
  'type',
  'value',
  'parameters',
  'mode',
  'overwrite',
  'metadata',
  'regenerate',
  'signed_by',
  'additional_permissions',
  'credential_name',
  'permissions',
  'path',
  'actor',
  'operations',
  'version',
  'transitional',
  'set_as_transitional',
  'key_length',
  'duration',
  'read_only_mode',
  'credhub-ref',
  'x',
];
const PARTS = [
  'username',
  'password',
  'public_key',
  'private_key',
  'certificate',
  'ca',
  'ca_name',
  'common_name',
  'alternative_names',
  'key_usage',
  'extended_key_usage',
  'is_ca',
  'self_sign',
  'length',
  'exclude_upper',
  'ssh_comment',
  'organization',
  'country',
  'actor',
  'operations',
  'credentials',
  'credhub-ref',
  '__proto__',
  'constructor',
];
function object(keys: readonly string[], value: fc.Arbitrary<unknown>) {
  return fc.array(fc.tuple(fc.constantFrom(...keys), value), { maxLength: 6 });
}
function json(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}
function objectText(pairs: readonly (readonly [string, string])[]): string {
  return `{${pairs.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`;
}
const leafText = fc.oneof(anything.map(json), number);
const partsText = object(PARTS, leafText).map((pairs) => objectText(pairs as [string, string][]));
const fieldText = fc.oneof(
  leafText,
  partsText,
  partsText.map((text) => `[${text}]`),
);
/** Keys that a route knows, most of them with values of about the right kind; any may be missing. */
function nearly(fields: Readonly<Record<string, fc.Arbitrary<string>>>): fc.Arbitrary<string> {
  return fc
    .record(fields, { requiredKeys: [] })
    .map((record) => objectText(Object.entries(record) as [string, string][]));
}
const nameText = fc.oneof({ weight: 5, arbitrary: name.map(json) }, leafText);
function wordText(...words: readonly string[]) {
  return fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...words).map(json) }, leafText);
}
const flagText = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('true', 'false', '"true"', '1') }, leafText);
const operationsText = fc.oneof(
  { weight: 4, arbitrary: fc.subarray(['read', 'write', 'delete', 'read_acl', 'write_acl']).map(json) },
  leafText,
);
const entryText = nearly({ actor: nameText, operations: operationsText });
const certificateText = nearly({
  common_name: nameText,
  alternative_names: fc.array(name, { maxLength: 2 }).map(json),
  key_usage: fc.array(fc.constantFrom('digital_signature', 'x'), { maxLength: 2 }).map(json),
  key_length: fc.oneof(fc.constant('2048'), number),
  duration: fc.oneof(fc.constant('30'), number),
  ca: nameText,
  is_ca: flagText,
  self_sign: flagText,
});
const types = wordText('value', 'json', 'password', 'user', 'certificate', 'ssh', 'rsa');
const write = {
  name: nameText,
  type: types,
  mode: wordText('no-overwrite', 'overwrite', 'converge'),
  overwrite: flagText,
  metadata: fieldText,
  additional_permissions: entryText.map((text) => `[${text}]`),
};
const entry = { path: nameText, actor: nameText, operations: operationsText };
const NEARLY: Readonly<Record<string, fc.Arbitrary<string>>> = {
  setCredential: nearly({ ...write, value: fieldText }),
  generateCredential: nearly({ ...write, parameters: fc.oneof(partsText, certificateText, leafText) }),
  regenerateCredential: nearly({ name: nameText, metadata: fieldText }),
  bulkRegenerate: nearly({ signed_by: nameText }),
  interpolate: nameText.map((text) => `{"a":[{"credentials":{"credhub-ref":${text}}}],"b":${text}}`),
  createPermission: nearly(entry),
  putPermission: nearly(entry),
  patchPermission: nearly({ operations: operationsText }),
  addPermissionsV1: nearly({ credential_name: nameText, permissions: entryText.map((text) => `[${text}]`) }),
  regenerateCertificate: nearly({ set_as_transitional: flagText, key_length: number, duration: number }),
  createCertificateVersion: nearly({ value: fieldText, transitional: flagText }),
  updateTransitionalVersion: nearly({ version: wordText('latest', 'VERSION') }),
};
const hopeless = fc.oneof(
  object(KEYS, fieldText).map((pairs) => objectText(pairs as [string, string][])),
  fieldText,
  fc.constantFrom(
    '',
    '{',
    'null',
    '[]',
    '"',
    '{"a":1}{',
    `${'['.repeat(600)}${']'.repeat(600)}`,
    '\ufeff{}',
    '{"name":"\\ud800"}',
  ),
);

const query = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        'name',
        'path',
        'name-like',
        'current',
        'versions',
        'paths',
        'expires-within-days',
        'credential_name',
        'actor',
        'x',
      ),
      fc.oneof(
        name.map(encodeURIComponent.bind(null)),
        fc.constantFrom('', 'true', 'no', '1', '-1', '1e9', '%', '%ff', '+', '%00', '99999999999'),
      ),
    ),
    { maxLength: 3 },
  )
  .map((pairs) => pairs.map(([key, value]) => `${key}=${value}`).join('&'));

const ROUTES = Object.values(credhub).filter(({ path }) => path !== '/management');
/** `undefined` nine times of ten. */
function rarely<T>(arbitrary: fc.Arbitrary<T>) {
  return fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

function requestTo(route: (typeof ROUTES)[number]) {
  return fc.record({
    route: fc.constant(route),
    method: rarely(fc.constantFrom('GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS')),
    id,
    query,
    body: fc.oneof({ weight: 4, arbitrary: NEARLY[route.id] ?? hopeless }, hopeless),
    type: rarely(
      fc.constantFrom(
        'text/plain',
        'application/x-www-form-urlencoded',
        'application/json; charset=utf-16',
        '',
        'json',
      ),
    ),
    accept: rarely(fc.constantFrom('text/html', 'a', '*/*')),
  });
}

const request = fc.constantFrom(...ROUTES).chain(requestTo);

type Sent = typeof request extends fc.Arbitrary<infer S> ? S : never;

function target({ route, id: value, query: text }: { route: { path: string }; id: string; query: string }): string {
  return `${route.path.replaceAll(/\{\w+\}/g, value)}${text === '' ? '' : `?${text}`}`;
}

describe.each([1, 2] as const)('level %i', (level) => {
  let api: TestApi;
  const ids = new Map<string, string>();
  const filled = (text: string): string =>
    text.replaceAll(/CERTIFICATE|VERSION|PERMISSION/g, (key) => ids.get(key) ?? key);

  beforeAll(async () => {
    api = await openTestApi(level);
    const data = (body: object) => api.sendRaw('value' in body ? 'PUT' : 'POST', '/api/v1/data', body);
    const idOf = (answer: TestAnswer, key: string): string => String((answer.body as Record<string, unknown>)[key]);
    await data({ name: '/secret', type: 'value', value: CANARY });
    await data({ name: '/generated', type: 'user' });
    const parameters = { common_name: 'ca', is_ca: true };
    ids.set('VERSION', idOf(await data({ name: '/ca', type: 'certificate', parameters }), 'id'));
    await data({ name: '/leaf', type: 'certificate', parameters: { common_name: 'leaf', ca: '/ca' } });
    const listed = (await api.sendRaw('GET', '/api/v1/certificates?name=/ca')).body as {
      certificates: { id: string }[];
    };
    ids.set('CERTIFICATE', listed.certificates[0]?.id ?? '');
    const entered = { path: '/other/*', actor: 'uaa-client:x', operations: ['read'] };
    ids.set('PERMISSION', idOf(await api.sendRaw('POST', '/api/v2/permissions', entered), 'uuid'));
  });
  afterAll(() => api.close());

  const send = (sent: Sent, as: string): Promise<TestAnswer> => {
    const method = sent.method ?? sent.route.method;
    return api.sendRaw(method, filled(target(sent)), undefined, {
      as,
      text: method === 'GET' || method === 'HEAD' ? undefined : filled(sent.body),
      headers: {
        ...(sent.type === undefined ? {} : { 'content-type': sent.type }),
        ...(sent.accept === undefined ? {} : { accept: sent.accept }),
      },
    });
  };

  test('random requests without permissions reveal nothing', async () => {
    await fc.assert(
      fc.asyncProperty(request, async (sent) => {
        const answer = await send(sent, 'nobody');
        expect([answer.status < 500, ...api.failures]).toEqual([true]);
        expect(answer.text).not.toContain(CANARY);
        if (answer.status >= 400 && answer.text !== '') expect(answer.body).toHaveProperty('error', expect.any(String));
      }),
      { numRuns: RUNS },
    );
  }, 120_000);

  test('random requests with all permissions cause no 5xx', async () => {
    await fc.assert(
      fc.asyncProperty(request, async (sent) => {
        expect([(await send(sent, 'admin')).status < 500, ...api.failures]).toEqual([true]);
      }),
      { numRuns: RUNS },
    );
  }, 120_000);
});
