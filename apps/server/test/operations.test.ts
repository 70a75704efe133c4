/** What operators see and switch: read-only mode, health, audit lines, ACLs, ways in, keys. Whole processes at level 2. */
import { request } from 'node:http';
import { startPostgres } from '@credplex/storage/testing';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientClaims } from './harness/outside-uaa.ts';
import { ADMIN, NOBODY, USER } from './harness/recorded-actors.ts';
import { startServer, type TestServer } from './harness/server.ts';

type Json = Record<string, unknown>;
const DATA = '/api/v1/data';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ level: 2 });
});
afterAll(() => server?.stop());

async function call(on: TestServer, method: string, path: string, body?: unknown, as: string | null = 'admin') {
  const answer = await on.sendRaw(method, path, body, { as });
  return { status: answer.status, body: (answer.text === '' ? undefined : answer.json()) as Json };
}
function set(name: string, more: Json = {}) {
  return call(server, 'PUT', DATA, { name, type: 'value', value: 'v', ...more });
}

/** Plain HTTP, for the management address. */
function plain(url: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('read-only mode', () => {
  const switchTo = (on: unknown) => call(server, 'POST', '/management', { read_only_mode: on }, null);
  const READ_ONLY = { error: 'Service Unavailable. Credhub is currently in read only mode.' };

  test('refuses every method but GET, after authentication and before the body is looked at', async () => {
    await set('/operations/there');
    expect(await switchTo(true)).toEqual({ status: 200, body: { read_only_mode: true } });
    try {
      expect((await call(server, 'GET', '/management', undefined, null)).body).toEqual({ read_only_mode: true });
      expect((await call(server, 'GET', `${DATA}?name=/operations/there`)).status).toBe(200);
      for (const [method, path, body] of [
        ['PUT', DATA, '{'],
        ['POST', DATA, { name: '/a', type: 'password' }],
        ['DELETE', `${DATA}?name=/operations/there`, undefined],
        ['POST', '/api/v1/interpolate', {}],
        ['POST', '/nowhere', {}],
        ['OPTIONS', DATA, undefined],
      ] as const) {
        expect(await call(server, method, path, body), `${method} ${path}`).toEqual({ status: 503, body: READ_ONLY });
      }
      expect((await call(server, 'PUT', DATA, '{', 'badsig')).status).toBe(401);
    } finally {
      expect(await switchTo('false')).toEqual({ status: 200, body: { read_only_mode: false } });
    }
    expect((await set('/operations/there')).status).toBe(200);
  });

  test('is asked and switched from this machine only', async () => {
    const answer = await server.sendRaw('GET', '/management', undefined, { as: null, localAddress: '127.0.0.2' });
    expect([answer.status, answer.json()]).toEqual([
      401,
      { error: 'The request was send from an invalid IP address.' },
    ]);
    const forwarded = { as: null, headers: { 'x-forwarded-for': '203.0.113.9' } };
    expect((await server.sendRaw('GET', '/management', undefined, forwarded)).status).toBe(200);
  });

  test('takes one boolean and nothing else', async () => {
    for (const body of [{}, { read_only_mode: null }, { read_only_mode: 'maybe' }, []]) {
      expect((await call(server, 'POST', '/management', body, null)).status, JSON.stringify(body)).toBe(400);
    }
    expect((await switchTo(0)).body).toEqual({ read_only_mode: false });
  });
});

/** Product and version; the title; after the title again and the severity the extension. */
const LINE = /^(CEF:0\|[^|]*\|[^|]*\|[^|]*)\|((?:\\.|[^|\\])*)\|(?:\\.|[^|\\])*\|0\|(.*)$/;
const FIELD = /(\w+)=((?:\\.|[^=\\])*?)(?= \w+=|$)/g;

describe('audit lines', () => {
  /** The lines of requests whose path holds this text, as fields. */
  async function linesOf(text: string, count: number): Promise<Readonly<Record<string, string | undefined>>[]> {
    const found = () => server.auditLines().filter((line) => line.includes(text));
    await expect.poll(() => found().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(count);
    return found().map((line) => {
      const [, head = '', title = '', rest = ''] = LINE.exec(line) ?? [];
      const fields = [...rest.matchAll(FIELD)].map(([, key = '', value = '']) => [key, value]);
      return { head, title, ...Object.fromEntries(fields) };
    });
  }

  test('a set: who, what, how it ended', async () => {
    const before = Date.now();
    const { body } = await set('/operations/audited');
    const [line] = await linesOf('/operations/audited', 1);
    expect(line).toMatchObject({
      head: 'CEF:0|cloud_foundry|credhub|2.15.20',
      title: 'PUT /api/v1/data',
      suser: 'credhub_client',
      suid: ADMIN,
      cs1Label: 'userAuthenticationMechanism',
      cs1: 'uaa',
      request: DATA,
      requestMethod: 'PUT',
      cs3Label: 'versionUuid',
      cs3: body.id,
      cs4Label: 'httpStatusCode',
      cs4: '200',
      src: '127.0.0.1',
      dst: '127.0.0.1',
      cs2Label: 'resourceName',
      cs2: '/operations/audited',
      deviceAction: 'SET',
      cs6Label: 'requestDetails',
    });
    expect(JSON.parse(line?.cs6 ?? '')).toEqual({ name: '/operations/audited', type: 'value' });
    expect(Number(line?.rt)).toBeGreaterThanOrEqual(before);
    expect(Number(line?.rt)).toBeLessThanOrEqual(Date.now());
  });

  test('the user behind a token and the application behind a certificate', async () => {
    await call(server, 'GET', `${DATA}?name=/operations/by-user`, undefined, 'user');
    await call(server, 'GET', `${DATA}?name=/operations/by-app`, undefined, 'app');
    const [user] = await linesOf('/operations/by-user', 1);
    expect(user).toMatchObject({ suser: 'nadia', suid: USER, cs4: '404' });
    const [app] = await linesOf('/operations/by-app', 1);
    expect(app).toMatchObject({ suser: server.app.slice('mtls-'.length), suid: server.app, cs1: 'mutual_tls' });
  });

  const actions: readonly [action: string, method: string, path: string, body?: unknown][] = [
    ['GENERATE', 'POST', DATA, { name: '/operations/acts', type: 'password' }],
    ['GET', 'GET', `${DATA}?name=/operations/acts&current=true`],
    ['REGENERATE', 'POST', DATA, { name: '/operations/acts', regenerate: true }],
    ['FIND', 'GET', `${DATA}?path=/operations/acts`],
    ['BULK_REGENERATE', 'POST', '/api/v1/bulk-regenerate', { signed_by: '/operations/acts' }],
    ['INTERPOLATE', 'POST', '/api/v1/interpolate', { 'operations-acts': [] }],
    ['GET_ALL_CERTIFICATES', 'GET', '/api/v1/certificates'],
    [
      'ADD_PERMISSIONS',
      'POST',
      '/api/v2/permissions',
      { path: '/operations/acts', actor: NOBODY, operations: ['read'] },
    ],
    ['GET_PERMISSIONS', 'GET', '/api/v1/permissions?credential_name=/operations/acts'],
    ['DELETE_PERMISSIONS', 'DELETE', `/api/v1/permissions?credential_name=/operations/acts&actor=${NOBODY}`],
    ['DELETE', 'DELETE', `${DATA}?name=/operations/acts`],
  ];
  test('each act has its word', async () => {
    const before = server.auditLines().length;
    for (const [, method, path, body] of actions) await call(server, method, path, body);
    await expect
      .poll(() => server.auditLines().length, { timeout: 10_000 })
      .toBeGreaterThanOrEqual(before + actions.length);
    const words = server
      .auditLines()
      .slice(before)
      .map((line) => /deviceAction=(\S+)/.exec(line)?.[1]);
    expect(words).toEqual(actions.map(([action]) => action));
  });

  test('an entry that goes is told whole, by both ways', async () => {
    const entry = { path: '/operations/entry', actor: NOBODY, operations: ['read', 'write'] };
    await set(entry.path);
    for (const [method, path] of [
      ['v1', `/api/v1/permissions?credential_name=${entry.path}&actor=${NOBODY}`],
      ['v2', '/api/v2/permissions/'],
    ] as const) {
      const { body } = await call(server, 'POST', '/api/v2/permissions', entry);
      await call(server, 'DELETE', method === 'v1' ? path : `${path}${body.uuid}`);
    }
    const lines = (await linesOf('/operations/entry', 5)).filter(({ requestMethod }) => requestMethod === 'DELETE');
    expect(lines.map(({ cs6 }) => JSON.parse(cs6 ?? ''))).toEqual(
      Array.from({ length: 2 }, () => ({ ...entry, action: 'DELETE_PERMISSIONS' })),
    );
  });

  test('interpolate: one line for each credential', async () => {
    for (const name of ['a', 'b']) {
      await call(server, 'PUT', DATA, { name: `/operations/ref-${name}`, type: 'json', value: {} });
    }
    const refs = ['a', 'b'].map((name) => ({ credentials: { 'credhub-ref': `/operations/ref-${name}` } }));
    expect((await call(server, 'POST', '/api/v1/interpolate', { refs })).status).toBe(200);
    const lines = (await linesOf('/operations/ref-', 4)).filter(({ deviceAction }) => deviceAction === 'INTERPOLATE');
    expect(lines.map(({ cs2 }) => cs2)).toEqual(['/operations/ref-a', '/operations/ref-b']);
    const { body } = await call(server, 'GET', `${DATA}?name=/operations/ref-b`);
    expect(lines[1]?.cs3).toBe((body.data as Json[])[0]?.id);
    expect(lines[1]?.cs5).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('what a caller sends cannot forge a field or a line', async () => {
    await call(server, 'GET', `${DATA}?name=/operations/x&forged=1%0ACEF:0|&suid=uaa-client:root`);
    const [line] = await linesOf('forged', 1);
    expect(line?.suid).toBe(ADMIN);
    expect(line?.request).toContain('suid\\=uaa-client:root');
    expect(server.auditLines().every((one) => one.startsWith('CEF:0|cloud_foundry|credhub|'))).toBe(true);
  });

  test('no line for /info, /health, /version, key-usage, and none for whom we do not know', async () => {
    await set('/operations/before');
    await linesOf('/operations/before', 1);
    const count = server.auditLines().length;
    for (const path of ['/info', '/health', '/version', '/api/v1/key-usage']) await call(server, 'GET', path);
    await call(server, 'GET', `${DATA}?name=/a`, undefined, 'badsig');
    await set('/operations/after');
    await linesOf('/operations/after', 1);
    expect(server.auditLines().length).toBe(count + 1);
  });
});

describe('audit rows', () => {
  test('a transitional CA changes what it signed: a row for each of them, with the version that it got', async () => {
    const certificate = (name: string, parameters: Json) =>
      call(server, 'POST', DATA, { name, type: 'certificate', parameters: { common_name: 'x', ...parameters } });
    await certificate('/operations/ca', { is_ca: true });
    await certificate('/operations/leaf', { ca: '/operations/ca' });
    const list = await call(server, 'GET', '/api/v1/certificates?name=/operations/ca');
    const [{ id } = { id: '' }] = list.body.certificates as { id: string }[];
    await call(server, 'POST', `/api/v1/certificates/${id}/regenerate`, { set_as_transitional: true });
    await call(server, 'PUT', `/api/v1/certificates/${id}/update_transitional_version`, { version: null });
    const versions = (await call(server, 'GET', `${DATA}?name=/operations/leaf`)).body.data as { id: string }[];
    const sql = postgres(server.database ?? '', { max: 1 });
    const rows = await sql`select action, version_id::text as version, details from audit_event
      where resource = '/operations/leaf' and action in ('REGENERATE_CERTIFICATE', 'UPDATE_TRANSITIONAL_VERSION')
      order by id desc`;
    await sql.end();
    expect(rows.map(({ action, version }) => [action, version])).toEqual([
      ['UPDATE_TRANSITIONAL_VERSION', versions[0]?.id],
      ['REGENERATE_CERTIFICATE', versions[1]?.id],
    ]);
  });
});

describe('key usage', () => {
  test('counts versions by key, also of a key that is not there; such values are told apart', async () => {
    const name = '/operations/lost-key';
    const lost = (await set(name)).body.id;
    const sql = postgres(server.database ?? '', { max: 1 });
    await sql`update credential_version set key_id = 'somebody-elses' where id = ${String(lost)}`;
    await sql.end();
    await set(name, { value: 'w' });
    const usage = (await call(server, 'GET', '/api/v1/key-usage', undefined, 'nobody')).body;
    expect(usage).toMatchObject({ inactive_keys: 0, unknown_keys: 1 });
    const KEYS =
      'The credential could not be accessed with the provided encryption keys. You must update your deployment configuration to continue.';
    expect(await call(server, 'GET', `${DATA}/${lost}`)).toEqual({ status: 500, body: { error: KEYS } });
    expect((await call(server, 'GET', `${DATA}?name=${name}`)).status).toBe(500);
    expect((await call(server, 'GET', `${DATA}?name=${name}&current=true`)).status).toBe(200);
    expect((await call(server, 'GET', `${DATA}?name-like=lost-key`)).body.credentials).toHaveLength(1);
    expect((await call(server, 'DELETE', `${DATA}?name=${name}`)).status).toBe(204);
    expect((await call(server, 'GET', '/api/v1/key-usage')).body.unknown_keys).toBe(0);
  });
});

describe('a token that names neither user nor client', () => {
  test('sees version and key usage; all else is 401 (the original: 500)', async () => {
    const as = { token: server.uaa.token() };
    const status = async (path: string) => (await server.client.sendRaw({ method: 'GET', path, as })).status;
    expect([await status('/version'), await status('/api/v1/key-usage')]).toEqual([200, 200]);
    for (const path of [`${DATA}?name=/a`, `${DATA}?path=/`, '/api/v1/certificates'])
      expect([path, await status(path)]).toEqual([path, 401]);
  });
});

describe('keys of the outside UAA', () => {
  test('a token of a new key works as soon as UAA publishes it, one of the old key no more', async () => {
    const old = { token: server.uaa.token(clientClaims('rotated')) };
    const version = (as: { token: string }) => server.client.as(as)('GET /version');
    expect((await version(old)).status).toBe(200);
    server.uaa.rotate();
    const next = { token: server.uaa.token(clientClaims('rotated')) };
    // A stranger's kid makes the server fetch the keys at most every five seconds.
    await expect.poll(async () => (await version(next)).status, { timeout: 15_000, interval: 500 }).toBe(200);
    expect((await version(old)).status).toBe(401);
  });
});

// From here on the server is started anew with other settings.
describe('mutual TLS only', () => {
  test('a token is no way in, a certificate is; without a file the audit lines go to stdout', async () => {
    await server.restart({ auth: { oauth: { enabled: false } }, audit: {} });
    await call(server, 'GET', `${DATA}?name=/operations/on-stdout`, undefined, 'app');
    await expect.poll(() => /^CEF:0\|.*on-stdout.*$/m.test(server.output()), { timeout: 10_000 }).toBe(true);
    expect((await call(server, 'GET', '/version', undefined, 'admin')).status).toBe(401);
    expect((await call(server, 'GET', '/version', undefined, 'app')).status).toBe(200);
  });
});

describe('UAA away at the start', () => {
  test('the server starts, certificates work, and what needs its keys is 503', async () => {
    await server.restart({ auth: { uaa: { url: 'https://127.0.0.1:9' } } });
    expect((await call(server, 'GET', '/info', undefined, null)).body).toMatchObject({
      'auth-server': { url: 'https://127.0.0.1:9' },
    });
    expect((await call(server, 'GET', '/version', undefined, 'app')).status).toBe(200);
    const answer = await server.call('GET /version');
    expect([answer.status, answer.response.headers['retry-after']]).toEqual([503, expect.stringMatching(/^\d+$/)]);
  });
});

describe('access control off', () => {
  beforeAll(() => server.restart({ acls: { enabled: false } }));
  const as = async (actor: string, method: string, path: string, body?: unknown) =>
    call(server, method, path, body, actor);
  // UAA published another key above: these tokens are of now.
  const nobody = async (method: string, path: string, body?: unknown) => {
    const token = server.uaa.token(clientClaims('noperm_client'));
    const answer = await server.client.sendRaw({
      method,
      path,
      ...(body === undefined ? {} : { body }),
      as: { token },
    });
    return { status: answer.status, body: (answer.text === '' ? undefined : answer.json()) as Json };
  };

  test('every authenticated caller may do everything, and finds everything once', async () => {
    const name = '/open/to/all';
    expect((await nobody('PUT', DATA, { name, type: 'value', value: 'v' })).status).toBe(200);
    expect((await as('app', 'GET', `${DATA}?name=${name}`)).status).toBe(200);
    const found = await as('app', 'GET', `${DATA}?path=/open`);
    expect((found.body.credentials as Json[]).map((one) => one.name)).toEqual([name]);
    expect((await as('app', 'DELETE', `${DATA}?name=${name}`)).status).toBe(204);
    expect((await call(server, 'GET', `${DATA}?name=${name}`, undefined, null)).status).toBe(401);
  });

  test('scopes are still asked for', async () => {
    const token = server.uaa.token({ ...clientClaims('noperm_client'), scope: ['credhub.read'] });
    const answer = await server.client.as({ token })('GET /api/v1/data', { query: { path: '/' } });
    expect(answer.status).toBe(403);
  });

  test('v2 permissions: the own actor may be granted, a duplicate stays 409, an unknown UUID 404', async () => {
    const own = { path: '/open/own', actor: NOBODY, operations: ['read'] };
    expect((await nobody('POST', '/api/v2/permissions', own)).status).toBe(201);
    expect((await nobody('POST', '/api/v2/permissions', own)).status).toBe(409);
    const uuid = '00000000-0000-4000-8000-000000000000';
    // The original answers 200 with nulls here, and 500 to DELETE (docs/reference/divergences.md).
    expect((await nobody('GET', `/api/v2/permissions/${uuid}`)).status).toBe(404);
    expect((await nobody('PATCH', `/api/v2/permissions/${uuid}`, { operations: ['read'] })).status).toBe(404);
    expect((await nobody('DELETE', `/api/v2/permissions/${uuid}`)).status).toBe(404);
  });

  test('v1 permissions: POST needs no credential, GET does', async () => {
    const body = { credential_name: '/open/missing', permissions: [{ actor: NOBODY, operations: ['read'] }] };
    expect((await nobody('POST', '/api/v1/permissions', body)).status).toBe(201);
    expect((await nobody('GET', '/api/v1/permissions?credential_name=/open/missing')).status).toBe(404);
  });
});

describe('health', () => {
  test('the management address looks at the database; the API port stays UP without it', async () => {
    const database = await startPostgres();
    const own = await startServer({ level: 2, store: { postgres: database.url } });
    try {
      const up = await plain(`${own.managementUrl}/health`);
      expect([up.status, JSON.parse(up.text)]).toEqual([200, { groups: ['liveness', 'readiness'], status: 'UP' }]);
      expect(await plain(`${own.managementUrl}/anything`)).toEqual({ status: 404, text: '' });
      await call(own, 'PUT', DATA, { name: '/health', type: 'value', value: 'v' });
      await database.kill();
      const down = await plain(`${own.managementUrl}/health`);
      expect([down.status, (JSON.parse(down.text) as Json).status]).toEqual([503, 'DOWN']);
      expect((await call(own, 'GET', '/health', undefined, null)).body).toEqual({ status: 'UP' });
      const answer = await own.call('GET /api/v1/data', { query: { name: '/health' } });
      expect([answer.status, answer.response.json(), answer.response.headers['retry-after']]).toEqual([
        503,
        { error: 'The server is temporarily unavailable. Please retry your request.' },
        expect.stringMatching(/^\d+$/),
      ]);
    } finally {
      await own.stop();
      await database.stop();
    }
  });

  test('the management address is DOWN while the vault does not answer; /readyz stays 200 degraded', async () => {
    const openbao = { address: 'https://127.0.0.1:9', token: 'no-vault-has-it' };
    const own = await startServer({ level: 2, openbao });
    try {
      const down = await plain(`${own.managementUrl}/health`);
      expect([down.status, (JSON.parse(down.text) as Json).status]).toEqual([503, 'DOWN']);
      expect(await call(own, 'GET', '/readyz', undefined, null)).toMatchObject({
        status: 200,
        body: { status: 'degraded' },
      });
    } finally {
      await own.stop();
    }
  });
});
