/**
 * What only a socket shows: refusals before the body (docs/reference/plexsphere-v1.md#order-of-refusals) and how the
 * connection ends (docs/reference/plexsphere-v1.md#body-limit).
 */
import { connect, type TLSSocket } from 'node:tls';
import { revokeRelation } from '@credplex/core';
import { createCertificateAuthority, issueServerCertificate } from '@credplex/pki';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Listening, listenTls } from '../listen.ts';
import { newCloud, newCredential, openTestApi, type TestApi, type TestUser } from './testing/api.ts';

let api: TestApi;
let owner: TestUser & { cloudId: string };
let stranger: TestUser;
let operator: TestUser;
let listening: Listening;
let ca: string;
beforeAll(async () => {
  api = await openTestApi();
  owner = await api.cloudOwner();
  stranger = await api.user();
  operator = await api.user('admin platform:plexsphere');
  const now = new Date();
  const authority = await createCertificateAuthority({ commonName: 'test', days: 1, now });
  const identity = await issueServerCertificate({ ca: authority, names: ['localhost'], days: 1, now });
  ca = authority.certificate;
  listening = await listenTls({
    fetch: api.fetch,
    addresses: [{ host: '127.0.0.1', port: 0 }],
    tls: { ...identity, clientCas: [] },
  });
});
afterAll(async () => {
  await listening?.close();
  await api?.close();
});

/** Sends `head` and then `pieces` as far as the server lets it; resolves to all that came when the server ends, or to `enough`. */
function converse(head: readonly string[], pieces: readonly string[] = [], enough?: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const port = listening.addresses[0]?.port ?? 0;
    let got = '';
    const socket: TLSSocket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca }, () => {
      socket.write(`${head.join('\r\n')}\r\nHost: localhost\r\n\r\n`);
      for (const piece of pieces) socket.write(piece);
    });
    socket.on('data', (chunk) => {
      got += chunk.toString();
      if (enough?.test(got)) {
        socket.destroy();
        resolve(got);
      }
    });
    socket.on('end', () => {
      socket.destroy();
      resolve(got);
    });
    socket.on('error', (error) => (got === '' ? reject(error) : resolve(got)));
  });
}

function post(user: TestUser, ...headers: string[]) {
  return [
    `POST /v1/clouds/${owner.cloudId}/cloud-credentials HTTP/1.1`,
    `Authorization: Bearer ${user.token}`,
    'Content-Type: application/json',
    ...headers,
  ];
}

function bodyOf(bytes: number): string {
  const empty = JSON.stringify(newCredential({ key_values: { pad: '' } }));
  return empty.replace('"pad":""', `"pad":"${'x'.repeat(bytes - empty.length)}"`);
}

function chunk(text: string) {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

describe('invalid requests below /v1 get a problem', () => {
  test.each<[string, string[], string]>([
    ['two hosts', ['GET /v1/me?q=1 HTTP/1.1', 'Host: x'], '/v1/me'],
    ['two hosts, absolute', ['GET https://x/v1/me HTTP/1.1', 'Host: x'], '/v1/me'],
    ['two lengths', ['POST /v1/me HTTP/1.1', 'Content-Length: 1', 'Content-Length: 2'], '/v1/me'],
    ['a backslash', ['GET /v1/a\\b HTTP/1.1'], '/v1/a%5Cb'],
    ['a probe', ['GET /readyz HTTP/1.1', 'Host: x'], '/readyz'],
  ])('%s', async (_, head, instance) => {
    const [start = '', text = ''] = (await converse(head)).split('\r\n\r\n');
    const header = (name: string) => new RegExp(`\r\n${name}: ([^\r]*)`, 'i').exec(start)?.[1];
    expect(start).toMatch(/^HTTP\/1\.1 400 /);
    expect([header('content-type'), header('connection')]).toEqual(['application/problem+json', 'close']);
    expect(JSON.parse(text)).toMatchObject({
      status: 400,
      code: 'malformed_request',
      instance,
      correlation_id: header('x-correlation-id'),
    });
  });

  test('CONNECT and a transfer coding other than chunked are not implemented', async () => {
    for (const head of [post(owner, 'Transfer-Encoding: gzip'), ['CONNECT /v1/clouds HTTP/1.1']]) {
      const answer = await converse(head);
      expect(answer).toMatch(/^HTTP\/1\.1 501 /);
      expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status: 501, code: 'not_implemented' });
    }
  });

  test('a chunk that is none, long after the request line', async () => {
    const answer = await converse(post(owner, 'Transfer-Encoding: chunked'), [chunk('{'.repeat(50)), 'zz\r\n']);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"malformed_request"');
  });

  test('a body that does not come in time', () => {
    const refusal = api.fetch.refuse(408, '/v1/clouds');
    expect(JSON.parse(refusal?.text ?? '')).toMatchObject({ status: 408, code: 'request_timeout' });
    expect(api.fetch.refuse(408, '/api/v1/data')).toBeUndefined();
  });

  test('and elsewhere, or where the path is not known, in the words of CredHub', async () => {
    const heads = [['GET /v10 HTTP/1.1', 'Host: x'], ['hello'], ['GET /v1/me HTTP/1.1', `A: ${'a'.repeat(20_000)}`]];
    for (const head of heads) {
      const answer = await converse(head);
      expect(answer).toMatch(/^HTTP\/1\.1 4[03][01] /);
      expect(answer).toContain('{"error":"The request could not be fulfilled');
    }
  });
});

describe('header names are spelled on the wire as Go spells them', () => {
  const cloud = JSON.stringify(newCloud());
  test.each<[string, () => readonly string[], string, readonly string[]]>([
    [
      'a created cloud',
      () => [
        'POST /v1/clouds HTTP/1.1',
        `Authorization: Bearer ${operator.token}`,
        'Connection: close',
        `Content-Length: ${cloud.length}`,
      ],
      cloud,
      ['Location', 'X-Correlation-Id', 'Content-Type', 'Content-Length', 'Cache-Control'],
    ],
    ['a refusal', () => ['GET /v1/clouds HTTP/1.1', 'Connection: close'], '', ['WWW-Authenticate', 'X-Correlation-Id']],
    ['a wrong method', () => ['PUT /v1/clouds HTTP/1.1', 'Connection: close'], '', ['Allow', 'X-Correlation-Id']],
    ['an ended session', () => ['DELETE /v1/auth/whoami HTTP/1.1', 'Connection: close'], '', ['Set-Cookie']],
    ['an unread body', () => post(stranger, 'Content-Length: 1073741824'), '', ['Connection', 'X-Correlation-Id']],
    ['no request', () => ['GET /v1/me HTTP/1.1', 'Host: x'], '', ['Connection', 'X-Correlation-Id']],
    ['another API', () => ['GET /elsewhere HTTP/1.1', 'Connection: close'], '', ['Connection']],
  ])('%s', async (_, head, body, wanted) => {
    const [start = ''] = (await converse(head(), [body])).split('\r\n\r\n');
    const [, ...lines] = start.split('\r\n');
    const names = lines.map((line) => line.slice(0, line.indexOf(':')));
    expect(names).toEqual(expect.arrayContaining([...wanted]));
    expect(names.filter((name) => !/^(WWW|[A-Z][a-z]*)(-[A-Z][a-z]*)*$/.test(name))).toEqual([]);
  });
});

test('instance is a URI reference, whatever the path of the request holds', async () => {
  for (const [sent, instance] of [
    ['/v1/a%2Fb%c3%a9', '/v1/a%2Fb%c3%a9'],
    ['/v1/50%/x', '/v1/50%25/x'],
    ['/v1/\u00e9', '/v1/%C3%A9'],
    ['/v1/{a}|"<b>^`', '/v1/%7Ba%7D%7C%22%3Cb%3E%5E%60'],
    ['/v1/%zz', '/v1/%25zz'],
  ]) {
    const answer = await converse([`GET ${sent} HTTP/1.1`, 'Connection: close']);
    const problem = JSON.parse(answer.split('\r\n\r\n')[1] ?? '');
    expect(problem.instance).toBe(instance);
    expect(() => new URL(problem.instance, 'https://x')).not.toThrow();
  }
});

describe('a caller without manage', () => {
  test('who announces 1 GiB and sends one byte gets 403 at once, and the connection closes', async () => {
    const answer = await converse(post(stranger, 'Content-Length: 1073741824'), ['{']);
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    expect(answer).toContain('"code":"permission_denied"');
  });

  test('who waits for 100 Continue gets 403 instead', async () => {
    const answer = await converse(post(stranger, 'Content-Length: 100', 'Expect: 100-continue'));
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).not.toContain('100 Continue');
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
  });

  test('who begins a chunked body gets 403 at its first chunk', async () => {
    const answer = await converse(post(stranger, 'Transfer-Encoding: chunked'), ['1\r\n{\r\n']);
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
  });

  test('and one without a session gets 401, one with a wrong id 400, the same way', async () => {
    const anonymous = post(stranger, 'Content-Length: 1073741824').filter((line) => !line.startsWith('Authorization'));
    const wrong = post(owner, 'Content-Length: 1073741824').map((line) => line.replace(owner.cloudId, 'x'));
    for (const [head, status] of [
      [anonymous, 401],
      [wrong, 400],
    ] as const) {
      const answer = await converse(head, ['{']);
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    }
  });

  test('who sent the whole small body keeps the connection', async () => {
    const body = JSON.stringify(newCredential());
    const second = `GET /v1/version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
    const answer = await converse(post(stranger, `Content-Length: ${body.length}`), [body, second]);
    // The body may or may not have arrived when the answer was made; the connection must be right either way.
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    const [head = ''] = answer.split('\r\n\r\n');
    if (!/connection: close/i.test(head)) expect(answer).toContain('"version":"0.0.0"');
  });
});

describe('a caller with manage', () => {
  test('gets 413 from the announced length alone, without having sent a byte', async () => {
    const answer = await converse(post(owner, 'Content-Length: 8193'));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"code":"request_body_too_large"');
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
  });

  test('gets 413 instead of 100 Continue for a body that is announced too long', async () => {
    const answer = await converse(post(owner, 'Content-Length: 8193', 'Expect: 100-continue'));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('gets 413 at byte 8193 of a chunked body that goes on', async () => {
    const answer = await converse(post(owner, 'Transfer-Encoding: chunked'), [chunk('x'.repeat(8192)), chunk('x')]);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
  });

  test('passes with exactly 8192 bytes, chunked or announced, and after 100 Continue', async () => {
    const body = bodyOf(8192);
    const done = /"status":"active"/;
    const chunked = [chunk(body.slice(0, 5000)), chunk(body.slice(5000)), '0\r\n\r\n'];
    expect(await converse(post(owner, 'Transfer-Encoding: chunked'), chunked, done)).toMatch(/^HTTP\/1\.1 201 /);
    expect(await converse(post(owner, 'Content-Length: 8192'), [body], done)).toMatch(/^HTTP\/1\.1 201 /);
    const patient = await converse(post(owner, 'Content-Length: 8192', 'Expect: 100-continue'), [body], done);
    expect(patient).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /);
  });

  test('who leaves in the middle of the body has changed nothing', async () => {
    const count = async () =>
      (await api.storage.sql.slowQuery<{ n: number }>('select count(*)::int as n from cloud_credential'))[0]?.n;
    const before = await count();
    const body = bodyOf(4000);
    await new Promise<void>((resolve, reject) => {
      const port = listening.addresses[0]?.port ?? 0;
      const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca }, () => {
        socket.write(`${post(owner, 'Content-Length: 4000').join('\r\n')}\r\nHost: localhost\r\n\r\n`);
        socket.write(body.slice(0, 2000), () => socket.destroy());
      });
      socket.on('close', () => resolve());
      socket.on('error', reject);
    });
    expect(await count()).toBe(before);
  });
});

describe('authorisation is checked again after a late body', () => {
  /** Sends a body when the server asks for it, which is after the first check; `between` happens before. */
  const slowly = (head: readonly string[], body: string, between: () => Promise<unknown>): Promise<string> =>
    new Promise((resolve, reject) => {
      const port = listening.addresses[0]?.port ?? 0;
      let got = '';
      const lines = [...head, 'Expect: 100-continue', `Content-Length: ${body.length}`, 'Connection: close'];
      const socket: TLSSocket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca }, () => {
        socket.write(`${lines.join('\r\n')}\r\nHost: localhost\r\n\r\n`);
      });
      socket.on('data', (chunk) => {
        const first = got === '';
        got += chunk.toString();
        if (first && got.startsWith('HTTP/1.1 100 ')) between().then(() => socket.write(body), reject);
      });
      socket.on('end', () => {
        socket.destroy();
        resolve(got.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, ''));
      });
      socket.on('error', reject);
    });

  test('a token that was revoked meanwhile issues no token', async () => {
    const thief = await api.user();
    const body = JSON.stringify({ identity_ref: thief.actor, env_prefix: 'dev' });
    const head = [
      'POST /v1/auth/tokens HTTP/1.1',
      `Authorization: Bearer ${thief.token}`,
      'Content-Type: application/json',
    ];
    expect(await slowly(head, body, async () => undefined)).toMatch(/^HTTP\/1\.1 201 /);
    const answer = await slowly(head, body, () => api.broker.records.deleteTokensOf(thief.actor));
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    const listed = await api.broker.records.listTokens({ owner: thief.actor, now: new Date() });
    expect(listed).toEqual([]);
  });

  test('a relation that was removed meanwhile issues nothing', async () => {
    const former = await api.cloudOwner();
    const head = [
      `POST /v1/clouds/${former.cloudId}/cloud-credentials HTTP/1.1`,
      `Authorization: Bearer ${former.token}`,
      'Content-Type: application/json',
    ];
    const answer = await slowly(head, bodyOf(300), async () => {
      const resource = { type: 'cloud', id: former.cloudId };
      for (const tuple of await api.broker.records.listTuples({ resource, subject: undefined })) {
        if (tuple.relation === 'cloud_admin') {
          await revokeRelation(api.broker, { actor: 'operator', requestId: 'test' }, tuple);
        }
      }
    });
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    const page = await api.broker.records.listCloudCredentials({
      cloudId: former.cloudId,
      limit: 10,
      after: undefined,
    });
    expect(page).toEqual([]);
  });
});
