import { createHash, X509Certificate } from 'node:crypto';
import { get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { createCertificateAuthority, type Identity, issueServerCertificate } from '@credplex/pki';
import {
  CERTIFICATE_ACTORS,
  type CertificateActor,
  issueClientCertificate,
  issueIntermediate,
  makeActors,
} from '@credplex/pki/testing';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, createApp } from './app.ts';
import { certificatePrincipal } from './auth/mtls.ts';
import { AuthRefused } from './auth/refusal.ts';
import { readBody } from './body.ts';
import type { ServerEnv } from './http-env.ts';
import { listenManagement, listenTls, TIME_LIMITS, type TimeLimits, type TlsListening } from './listen.ts';

let authority: Identity;
let identity: Identity;
let actors: Record<CertificateActor, Identity>;
/** By an intermediate of the trusted CA: with it, and alone. */
let chained: { whole: Identity; leaf: Identity };
let server: TlsListening;
let port: number;
let gone = 0;

/** `/who`: the certificate's actor; `/refuse`: 403 with the body unread; `/echo`: length of a body of at most 1000 bytes. */
function testApi(): Api['app'] {
  const app = new Hono<ServerEnv>();
  app.get('/who', (c) => {
    try {
      return c.text(certificatePrincipal(c.env.incoming, Date.now)?.actor ?? 'nobody');
    } catch (error) {
      return c.text(error instanceof AuthRefused ? error.refusal.kind : 'error', 401);
    }
  });
  app.all('/refuse', () => new Response('{}', { status: 403 }));
  app.all('/echo', async (c) => {
    try {
      return c.text(String((await readBody(c.req.raw, c.env, 1000)).length));
    } catch (error) {
      gone += 1;
      return c.text(error instanceof Error ? error.name : '', 413);
    }
  });
  return app;
}

beforeAll(async () => {
  const now = new Date();
  authority = await createCertificateAuthority({ commonName: 'server ca', days: 2, now });
  const clientCa = await createCertificateAuthority({
    commonName: 'client ca',
    days: 60,
    now: new Date(now.getTime() - 35 * 86_400_000),
  });
  const otherCa = await createCertificateAuthority({ commonName: 'another client ca', days: 2, now });
  identity = await issueServerCertificate({ ca: authority, names: ['localhost', '127.0.0.1'], days: 2, now });
  ({ actors } = await makeActors({ ca: clientCa, now }));
  const intermediate = await issueIntermediate({ ca: clientCa, commonName: 'intermediate', days: 20, now });
  const subject = [[['OU', 'app:6f6c9d5e-4f0a-4b51-8d3c-0a1b2c3d4e5f']]] as const;
  const leaf = await issueClientCertificate({ ca: intermediate, subject, ekus: ['client_auth'], days: 1, now });
  chained = { leaf, whole: { ...leaf, certificate: `${leaf.certificate}${intermediate.certificate}` } };
  server = await listenTls({
    fetch: createApp({ apis: [], fallback: testApi() }),
    addresses: [
      { host: '127.0.0.1', port: 0 },
      { host: '::1', port: 0 },
    ],
    tls: { ...identity, clientCas: [`${otherCa.certificate}${clientCa.certificate}`] },
    limits: { ...TIME_LIMITS, stopServer: 200 },
  });
  port = server.addresses[0]?.port ?? 0;
});
afterAll(() => server.close());

interface Answer {
  readonly status: number;
  readonly text: string;
}

function get(
  path: string,
  actor?: CertificateActor | Identity,
  at: { host: string; port: number } = { host: '127.0.0.1', port },
) {
  return new Promise<Answer>((resolve, reject) => {
    const client = typeof actor === 'string' ? actors[actor] : actor;
    getSecure(
      {
        ...at,
        path,
        ca: authority.certificate,
        servername: 'localhost',
        agent: false,
        ...(client === undefined ? {} : { cert: client.certificate, key: client.privateKey.reveal() }),
      },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    ).on('error', reject);
  });
}

function open(at = port): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const target = { host: '127.0.0.1', port: at, ca: authority.certificate, servername: 'localhost' };
    const socket = connect(target, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** All that comes until the peer closes. */
function rest(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('error', () => resolve(text));
    socket.on('close', () => resolve(text));
  });
}

/** Resolves when the text so far matches. */
function until(socket: Socket, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (pattern.test(text)) resolve(text);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after: ${text}`)));
  });
}

describe('addresses', () => {
  test('all are listened on', async () => {
    const second = server.addresses[1]?.port ?? 0;
    expect((await get('/who')).text).toBe('nobody');
    expect((await get('/who', undefined, { host: '::1', port: second })).text).toBe('nobody');
  });

  test('one in use is an error, and none stays open', async () => {
    const listening = listenTls({
      fetch: createApp({ apis: [], fallback: testApi() }),
      addresses: [
        { host: '127.0.0.1', port: 0 },
        { host: '127.0.0.1', port },
      ],
      tls: { ...identity, clientCas: [] },
    });
    await expect(listening).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('a renewed certificate serves new connections', async () => {
    const renewed = await issueServerCertificate({ ca: authority, names: ['localhost'], days: 1, now: new Date() });
    const print = (pem: string | Buffer) => createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');
    server.renew(renewed);
    const socket = await open();
    expect(print(socket.getPeerCertificate().raw)).toBe(print(renewed.certificate));
    socket.destroy();
  });
});

describe('client certificates', () => {
  const refused: readonly CertificateActor[] = ['app_server_eku', 'app_untrusted', 'app_self', 'app_expired'];
  const expected: Partial<Record<CertificateActor, RegExp>> = {
    app: /^mtls-app:/,
    app_cf: /^mtls-app:/,
    app_both_eku: /^mtls-app:/,
    app_no_eku: /^no_client_auth$/,
  };

  test.each(refused)('%s never reaches HTTP', async (actor) => {
    await expect(get('/who', actor)).rejects.toThrow();
  });

  test.each(CERTIFICATE_ACTORS.filter((actor) => !refused.includes(actor)))('%s is read', async (actor) => {
    expect((await get('/who', actor)).text).toMatch(expected[actor] ?? /^invalid_identity$/);
  });

  test('of an intermediate is read when the intermediate comes with it, and never reaches HTTP without', async () => {
    expect((await get('/who', chained.whole)).text).toMatch(/^mtls-app:/);
    await expect(get('/who', chained.leaf)).rejects.toThrow();
  });
});

describe('bodies', () => {
  test('a refusal before the body closes the connection at once, whatever was announced', async () => {
    const socket = await open();
    const answer = rest(socket);
    socket.write('POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\na');
    expect(await answer).toMatch(/^HTTP\/1\.1 403 [\s\S]*\r\nconnection: close\r\n/i);
  });

  test('100 Continue is not sent before authorisation', async () => {
    const socket = await open();
    const answer = rest(socket);
    socket.write('POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n');
    const text = await answer;
    expect(text).toMatch(/^HTTP\/1\.1 403 /);
    expect(text).not.toContain('100 Continue');
  });

  test('another expectation is ignored', async () => {
    const socket = await open();
    const answer = until(socket, /\r\n\r\n2$/);
    socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nExpect: the-best\r\nContent-Length: 2\r\n\r\nab');
    expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  test('100 Continue is sent after authorisation', async () => {
    const socket = await open();
    const told = until(socket, /100 Continue\r\n\r\n/);
    socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n');
    await told;
    const answer = until(socket, /\r\n\r\n5$/);
    socket.write('12345');
    await answer;
    socket.destroy();
  });

  test('100 Continue is sent also with other expectations', async () => {
    const socket = await open();
    socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nExpect: the-best, 100-continue\r\nContent-Length: 2\r\n\r\n');
    await until(socket, /^HTTP\/1\.1 100 Continue\r\n\r\n/);
    socket.destroy();
  });

  test('100 Continue is never sent to HTTP/1.0, which would take it for the response', async () => {
    const socket = await open();
    const answer = rest(socket);
    socket.write('POST /echo HTTP/1.0\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab');
    expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('one announced as too large is refused before it is read', async () => {
    const socket = await open();
    const answer = rest(socket);
    socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n');
    expect(await answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('a chunked one is refused at the first byte too many', async () => {
    const socket = await open();
    const answer = rest(socket);
    socket.write(
      `POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n${'a'.repeat(1000)}\r\n1\r\na`,
    );
    expect(await answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('a connection is reused after a body that was read', async () => {
    const socket = await open();
    const both = until(socket, /\r\n\r\n2[\s\S]*\r\n\r\n3$/);
    socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab');
    socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc');
    await both;
    socket.destroy();
  });

  test('a client that disconnects during the body leaves no pending work', async () => {
    const before = gone;
    const socket = await open();
    socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nab', () => socket.destroy());
    await expect.poll(() => gone).toBe(before + 1);
  });
});

describe('slow and half-open clients are closed by a time limit', () => {
  // Only these tests meet the short limits: elsewhere a busy machine would reach them.
  const limited = async (limits: Partial<TimeLimits>, act: (slowPort: number) => Promise<void>): Promise<void> => {
    const slow = await listenTls({
      fetch: createApp({ apis: [], fallback: testApi() }),
      addresses: [{ host: '127.0.0.1', port: 0 }],
      tls: { ...identity, clientCas: [] },
      limits: { ...TIME_LIMITS, check: 50, stopServer: 200, ...limits },
    });
    try {
      await act(slow.addresses[0]?.port ?? 0);
    } finally {
      await slow.close();
    }
  };

  test('no handshake', () =>
    limited({ handshake: 300 }, async (slowPort) => {
      expect(await rest(connectTcp(slowPort, '127.0.0.1'))).toBe('');
    }));

  test('half a request line', () =>
    limited({ headers: 300 }, async (slowPort) => {
      const socket = await open(slowPort);
      const answer = rest(socket);
      socket.write('GET /wh');
      expect(await answer).toMatch(/^HTTP\/1\.1 408 |^$/);
    }));

  test('a body that never ends', () =>
    limited({ headers: 300, request: 600 }, async (slowPort) => {
      const socket = await open(slowPort);
      const answer = rest(socket);
      socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nab');
      expect(await answer).toMatch(/^HTTP\/1\.1 4\d\d |^$/);
    }));
});

describe('input that is not a request', () => {
  test.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['two lengths', 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 400],
    ['an unknown method', 'FROB / HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a header without end', `GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['no host', 'GET /who HTTP/1.1\r\n\r\n', 400],
    ['two hosts', 'GET /who HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n', 400],
    ['two hosts in HTTP/1.0', 'GET /who HTTP/1.0\r\nHost: x\r\nhOST: y\r\n\r\n', 400],
    ['two hosts and a body to come', 'POST /echo HTTP/1.1\r\nHost: x\r\nHost: y\r\nContent-Length: 9\r\n\r\na', 400],
    ['an empty host', 'GET /who HTTP/1.1\r\nHost:\r\n\r\n', 400],
    ['a host that is no name', 'GET /who HTTP/1.1\r\nHost: a b\r\n\r\n', 400],
    ['a target that is no path', 'GET who HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ])('%s gets %3$i and a closed connection', async (_, text, status) => {
    const socket = await open();
    const answer = rest(socket);
    socket.write(text);
    const got = await answer;
    expect(got).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(got).toMatch(/\r\ncontent-type: application\/json\r\n/i);
    expect(got).toMatch(/\r\n\r\n\{"error":"The request could not be fulfilled [^"]*"\}$/);
  });
});

describe('the management listener', () => {
  const at = async (path: string, check: () => Promise<void>): Promise<Answer> => {
    const management = await listenManagement({ address: { host: '127.0.0.1', port: 0 }, check });
    try {
      return await new Promise<Answer>((resolve, reject) => {
        const target = { host: '127.0.0.1', port: management.addresses[0]?.port, path, agent: false as const };
        getPlain(target, (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        }).on('error', reject);
      });
    } finally {
      await management.close();
    }
  };

  test('reports UP while its check succeeds', async () => {
    expect(await at('/health', async () => undefined)).toEqual({
      status: 200,
      text: '{"groups":["liveness","readiness"],"status":"UP"}',
    });
  });

  test('reports DOWN when its check fails', async () => {
    expect(await at('/health', () => Promise.reject(new Error('away')))).toMatchObject({ status: 503 });
  });

  test('answers 404 to other paths', async () => {
    expect(await at('/info', async () => undefined)).toEqual({ status: 404, text: '' });
  });
});
