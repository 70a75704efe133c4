/** Who a request comes from, behind a proxy and beside one. 127.0.0.1 is a trusted proxy, 127.0.0.2 is anybody. */
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from './harness/http.ts';
import { startServer, type TestServer } from './harness/server.ts';

const DATA = '/api/v1/data';
const ANYBODY = { localAddress: '127.0.0.2' };
const REFUSED = { error: 'The request was send from an invalid IP address.' };
function forwarded(text: string) {
  return { 'x-forwarded-for': text };
}

let server: TestServer;
beforeAll(async () => {
  // The issuer is the built-in one: its throttle looks at addresses.
  server = await startServer({
    level: 2,
    settings: {
      trusted_proxies: ['127.0.0.1'],
      auth: {},
      acls: { enabled: false },
      audit: {},
      log: { level: 'debug' },
    },
  });
});
afterAll(() => server?.stop());

/** As an app, whose certificate needs no UAA. */
function asApp(path: string, headers: Readonly<Record<string, string>>, more: { localAddress?: string } = {}) {
  return server.sendRaw('GET', path, undefined, { as: 'app', headers, ...more });
}

/** The audit line of the request for this path. */
async function sourceOf(path: string): Promise<string | undefined> {
  const line = () =>
    server
      .output()
      .split('\n')
      .find((text) => text.startsWith('CEF:') && text.includes(path));
  await expect.poll(line, { timeout: 10_000 }).toBeDefined();
  return / src=(\S*) /.exec(line() ?? '')?.[1];
}

describe('the source in an audit line', () => {
  test.each([
    ['/by-proxy', '203.0.113.66, 198.51.100.1', {}, '198.51.100.1'],
    ['/by-proxy-alone', '', {}, '127.0.0.1'],
    ['/by-anybody', '198.51.100.1', ANYBODY, '127.0.0.2'],
  ])('%s, X-Forwarded-For %j', async (name, text, more, expected) => {
    await asApp(`${DATA}?name=${name}`, text === '' ? {} : forwarded(text), more);
    expect(await sourceOf(name)).toBe(expected);
  });
});

describe('wrong logins are counted for the address of the client', () => {
  const wrongLogins = async (account: string, more: (at: number) => object): Promise<Answer[]> => {
    const body = `grant_type=client_credentials&client_id=${account}&client_secret=wrong`;
    const answers: Answer[] = [];
    for (let at = 1; at <= 12; at += 1) {
      const { headers = {}, ...rest } = more(at) as { headers?: Record<string, string> };
      const form = { 'content-type': 'application/x-www-form-urlencoded', ...headers };
      answers.push(await server.sendRaw('POST', '/uaa/oauth/token', body, { as: null, headers: form, ...rest }));
    }
    return answers;
  };
  const slowed = (answers: readonly Answer[]) => answers.filter(({ headers }) => headers['retry-after'] !== undefined);

  test('which a proxy tells', async () => {
    const answers = await wrongLogins('one', (at) => ({ headers: forwarded(`198.51.100.${at}`) }));
    expect(slowed(answers)).toEqual([]);
  });

  test('and nobody else does', async () => {
    const answers = await wrongLogins('two', (at) => ({ headers: forwarded(`198.51.100.${at}`), ...ANYBODY }));
    expect(slowed(answers).length).toBeGreaterThan(0);
  });
});

describe('/management', () => {
  const management = (headers: Readonly<Record<string, string>>) =>
    server.sendRaw('GET', '/management', undefined, { as: null, headers });

  test('refuses a trusted proxy on the same machine, whatever it forwards', async () => {
    for (const headers of [{}, forwarded('198.51.100.1'), forwarded('127.0.0.1')]) {
      const answer = await management(headers);
      expect([answer.status, answer.json()]).toEqual([401, REFUSED]);
    }
    const switched = await server.sendRaw('POST', '/management', { read_only_mode: true }, { as: null });
    expect([switched.status, switched.json()]).toEqual([401, REFUSED]);
  });

  test('is open to other processes of the machine, unless management.local_endpoint is false', async () => {
    await server.restart({ trusted_proxies: [] });
    expect((await management({})).status).toBe(200);
    await server.restart({ trusted_proxies: [], management: { local_endpoint: false } });
    const unknown = await server.sendRaw('GET', '/nowhere', undefined, { as: null });
    for (const method of ['GET', 'POST', 'PUT', 'OPTIONS']) {
      const body = method === 'GET' ? undefined : { read_only_mode: true };
      const answer = await server.sendRaw(method, '/management', body, { as: null });
      expect([method, answer.status, answer.text]).toEqual([method, unknown.status, unknown.text]);
      expect((await server.sendRaw(method, '/management', body, { as: 'app' })).status).toBe(404);
    }
  });
});

test('a request id from anyone is returned, logged and audited', async () => {
  const id = 'trace.7f_A-1';
  const answer = await asApp(`${DATA}?name=/request-id`, { 'x-request-id': id }, ANYBODY);
  expect(answer.headers['x-request-id']).toBe(id);
  const problem = await asApp('/v1/auth/whoami', { 'x-correlation-id': id }, ANYBODY);
  expect(problem.headers['x-correlation-id']).toBe(id);
  expect(problem.json()).toMatchObject({ correlation_id: id });
  const issuer = await asApp('/uaa/nothing', { 'x-vcap-request-id': id }, ANYBODY);
  expect(issuer.headers['x-vcap-request-id']).toBe(id);
  const logged = () =>
    server
      .output()
      .split('\n')
      .filter((line) => line.includes(`"request_id":"${id}"`));
  await expect.poll(() => logged().length, { timeout: 10_000 }).toBe(3);

  const set = await server.sendRaw(
    'PUT',
    DATA,
    { name: '/x', type: 'value', value: 'v' },
    {
      as: 'app',
      headers: { 'x-request-id': id },
    },
  );
  expect(set.headers['x-request-id']).toBe(id);
  const sql = postgres(server.database ?? '', { max: 1 });
  try {
    const count = async () => {
      const rows = await sql`select 1 from audit_event where request_id = ${id}`;
      return rows.length;
    };
    await expect.poll(count, { timeout: 10_000 }).toBeGreaterThan(0);
  } finally {
    await sql.end();
  }
});

test.each(['a b', 'x'.repeat(129), 'a,b'])('a request id that is not well formed (%j) is not', async (id) => {
  const answer = await asApp('/info', { 'x-request-id': id });
  expect(answer.headers['x-request-id']).toBeUndefined();
});
