/**
 * Generated requests to both APIs of a whole process, from nearly right to no HTTP at all: never a 5xx, never a hang, and the
 * server goes on. Handlers have their own such tests beside them; here the bytes are what varies.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from './harness/server.ts';

const SEED = 20_261_122;
const LIMIT_MS = 30_000;

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ level: 2 });
});
afterAll(() => server?.stop());

const path = fc.oneof(
  fc.constantFrom(
    '/api/v1/data',
    '/api/v1/data?name=/bad/x',
    '/api/v1/data?path=/&expires-within-days=',
    '/api/v1/regenerate',
    '/api/v1/bulk-regenerate',
    '/api/v1/interpolate',
    '/api/v1/certificates',
    '/api/v1/certificates?name=',
    '/api/v1/permissions',
    '/api/v1/permissions?credential_name=/bad/x',
    '/api/v2/permissions',
    '/api/v1/key-usage',
    '/info',
    '/health',
    '/version',
    '/uaa/oauth/token',
    '/v1/clouds',
    '/v1/authz/check',
    '/v1/auth/whoami',
    '/readyz',
    '/openapi.json',
  ),
  fc
    .tuple(
      fc.constantFrom(
        '/api/v1/data/',
        '/api/v2/permissions/',
        '/v1/clouds/',
        '/api/v1/certificates/',
        '/uaa/',
        '/uaa/oauth/token/revoke/',
      ),
      fc.oneof(fc.uuid(), fc.constantFrom('%00', '%ff', '..', '%2e%2e', 'x/versions', '0', 'a b', ';x=1')),
    )
    .map((parts) => parts.join('')),
  fc
    .tuple(
      fc.constantFrom('/api/v1/data?', '/v1/clouds?', '/api/v2/permissions?'),
      fc.string({ unit: 'binary-ascii', maxLength: 40 }),
    )
    .map(([start, query]) => start + query.replaceAll(/[^!-~]/g, '+')),
  fc.string({ unit: 'grapheme-ascii', maxLength: 30 }).map((text) => `/${text.replaceAll(' ', '')}`),
);

const field = fc.constantFrom(
  'name',
  'type',
  'value',
  'parameters',
  'mode',
  'overwrite',
  'metadata',
  'path',
  'actor',
  'operations',
  'permissions',
  'credential_name',
  'signed_by',
  'regenerate',
  'read_only_mode',
  'set_as_transitional',
  'version',
  'slug',
  'payload',
  'display_name',
  'provider',
  'certificate',
  'private_key',
  'ca',
  'ca_name',
  'length',
  'key_length',
  'common_name',
  '__proto__',
  'constructor',
  '',
);
const leaf = fc.oneof(
  fc.constantFrom(
    '/bad/x',
    'value',
    'password',
    'user',
    'json',
    'certificate',
    'read',
    'overwrite',
    '',
    '/',
    '//',
    '%',
    'ä',
    '\u0000',
    '\ud800',
  ),
  fc.constantFrom(null, true, false, 0, -1, 1.5, 1e308, 4096, 2 ** 53),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.integer({ min: 1, max: 20 }).map((n) => 'long'.repeat(n * 500)),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.array(fc.tuple(field, tie('tree')), { maxLength: 6 }).map((entries) => Object.fromEntries(entries)),
  ),
}));
/** Nearly right bodies: a known shape with one part replaced. */
const shaped = fc
  .tuple(
    fc.constantFrom<Record<string, unknown>>(
      { name: '/bad/x', type: 'value', value: 'v' },
      { name: '/bad/p', type: 'password', parameters: { length: 10 }, mode: 'overwrite' },
      { name: '/bad/u', type: 'user', value: { username: 'u', password: 'p' } },
      { name: '/bad/c', type: 'certificate', value: { certificate: 'x' } },
      { path: '/bad/x', actor: 'uaa-client:a', operations: ['read'] },
      { credential_name: '/bad/x', permissions: [{ actor: 'uaa-client:a', operations: ['read'] }] },
      { a: [{ credentials: { 'credhub-ref': '/bad/x' } }] },
    ),
    field,
    tree,
  )
  .map(([body, key, value]) => ({ ...body, [key]: value }));
const body = fc.oneof(
  shaped.map((value) => JSON.stringify(value)),
  tree.map((value) => JSON.stringify(value) ?? ''),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '',
    '{',
    '[]',
    'null',
    '{"name":"/bad/x","name":5}',
    '\ufeff{}',
    `${'['.repeat(600)}${']'.repeat(600)}`,
    `{"a":${'9'.repeat(1001)}}`,
  ),
);
const headers = fc.record(
  {
    'content-type': fc.constantFrom(
      'application/json',
      'application/json;charset=utf-16',
      'text/plain',
      'application/*',
      'x',
      '',
    ),
    accept: fc.constantFrom('*/*', 'application/json', 'text/html', 'x', ''),
    authorization: fc.constantFrom('Bearer x', 'Bearer ', 'Basic YTpi', 'bearer a.b.c', ''),
    'transfer-encoding': fc.constantFrom('gzip'),
    expect: fc.constantFrom('100-continue', 'x'),
    'x-forwarded-for': fc.constantFrom('127.0.0.1', "'"),
    cookie: fc.constantFrom('a=b'),
  },
  { requiredKeys: [] },
);
const mostlyPlain = fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: headers });
const method = fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'BREW');
/** Half of all requests go to a route that there is, so that more than the router is asked. */
const routed = fc.constantFrom(
  ['PUT', '/api/v1/data'],
  ['POST', '/api/v1/data'],
  ['POST', '/api/v1/regenerate'],
  ['POST', '/api/v1/bulk-regenerate'],
  ['POST', '/api/v1/interpolate'],
  ['POST', '/api/v1/permissions'],
  ['POST', '/api/v2/permissions'],
  ['POST', '/v1/clouds'],
  ['POST', '/v1/authz/check'],
);
const target = fc.oneof(routed, fc.tuple(method, path));

async function healthy(): Promise<void> {
  const set = await server.sendRaw('PUT', '/api/v1/data', { name: '/bad/healthy', type: 'value', value: 'v' });
  expect(set.status).toBe(200);
  expect((await server.sendRaw('GET', '/api/v1/data?name=/bad/healthy&current=true')).status).toBe(200);
}

/** Sends bytes on a connection of their own and gives what comes back until the server ends it or answers. */
function exchange(bytes: string | Uint8Array): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect({ host: hostname, port: Number(port), ca: server.ca }, () => socket.end(bytes));
    socket.setTimeout(LIMIT_MS, () => {
      socket.destroy();
      reject(new Error(`no answer in ${LIMIT_MS} ms`));
    });
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    // A closed connection is a valid response.
    socket.on('error', () => resolve(text));
    socket.on('close', () => resolve(text));
  });
}

/** A token that is good for that API. */
function bearer(path: string): string {
  if (path.startsWith('/v1/')) {
    const operator = readFileSync(join(server.folder, 'data', 'operator.json'), 'utf8');
    return (JSON.parse(operator) as { plexsphere_token: string }).plexsphere_token;
  }
  const { admin } = server.actors;
  return admin !== undefined && 'token' in admin ? admin.token : '';
}

test('requests of all shapes: never a 5xx, never a hang', async () => {
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(target, mostlyPlain, body, async ([verb = '', place = ''], extra, content) => {
      const lines = Object.entries({
        host: 'localhost',
        authorization: `Bearer ${bearer(place)}`,
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(content)),
        ...extra,
        connection: 'close',
      }).map(([name, value]) => `${name}: ${value}`);
      const head = Buffer.from(`${verb} ${place} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'utf8');
      const answer = await exchange(Buffer.concat([head, Buffer.from(content)]));
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 400);
      const final = status === 100 ? Number(/\r\n\r\nHTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 400) : status;
      expect(final, answer.slice(0, 500)).toBeLessThan(500);
      expect(final).toBeGreaterThanOrEqual(200);
      seen.add(final);
    }),
    { seed: SEED, numRuns: 500, endOnFailure: true },
  );
  // Some get through, and those that do not fail for many reasons: else the generators are no good.
  expect([...seen]).toEqual(expect.arrayContaining([200, 400, 401, 404, 422]));
  await healthy();
}, 120_000);

test('bytes that are not HTTP end only their connection', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
      const answer = await exchange(bytes);
      expect(answer === '' || /^HTTP\/1\.1 4\d\d/.test(answer), answer.slice(0, 200)).toBe(true);
    }),
    { seed: SEED, numRuns: 60 },
  );
  await healthy();
});

test('the log contains no internal error afterwards', () => {
  const errors = server
    .output()
    .split('\n')
    .filter((line) => /"level":"(error|fatal)"/.test(line));
  expect(errors).toEqual([]);
});
