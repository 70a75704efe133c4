import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { createCertificateAuthority, type Identity, issueServerCertificate } from '@credplex/pki';
import { type CertificateActor, makeActors } from '@credplex/pki/testing';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../app.ts';
import type { ServerEnv } from '../http-env.ts';
import { listenTls, TIME_LIMITS, type TlsListening } from '../listen.ts';
import { certificatePrincipal } from './mtls.ts';
import { AuthRefused } from './refusal.ts';

let server: TlsListening;
let port: number;
let identity: Identity;
let serverCa: string;
let clientCa: Identity;
let victim: string;
let actors: Record<CertificateActor, Identity>;
/** The same subject as the victim's, by nobody's authority. */
let forged: Identity;
/** Milliseconds that the clock of `/who` is ahead. */
let ahead = 0;

function who(incoming: IncomingMessage | undefined): string {
  try {
    return certificatePrincipal(incoming, () => Date.now() + ahead)?.actor ?? 'nobody';
  } catch (error) {
    return error instanceof AuthRefused ? error.refusal.kind : 'error';
  }
}

beforeAll(async () => {
  const now = new Date();
  const authority = await createCertificateAuthority({ commonName: 'server ca', days: 2, now });
  clientCa = await createCertificateAuthority({
    commonName: 'client ca',
    days: 60,
    now: new Date(now.getTime() - 35 * 86_400_000),
  });
  identity = await issueServerCertificate({ ca: authority, names: ['localhost'], days: 2, now });
  serverCa = authority.certificate;
  ({ actors } = await makeActors({ ca: clientCa, now }));
  const target = await makeActors({ ca: clientCa, now });
  victim = `mtls-app:${target.guid}`;
  forged = target.actors.app_self;
  const app = new Hono<ServerEnv>();
  app.get('/who', (c) => c.text(who(c.env.incoming)));
  server = await listenTls({
    fetch: createApp({ apis: [], fallback: app }),
    addresses: [{ host: '127.0.0.1', port: 0 }],
    tls: { ...identity, clientCas: [clientCa.certificate] },
    limits: { ...TIME_LIMITS, stopServer: 200 },
  });
  port = server.addresses[0]?.port ?? 0;
});
afterAll(() => server.close());

function keyPair({ certificate, privateKey }: Identity) {
  return { cert: certificate, key: privateKey.reveal() };
}

function open(more: object, version: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.2'): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, ca: serverCa, servername: 'localhost' };
    const socket = connect({ ...options, minVersion: version, maxVersion: version, ...more }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Answer to one request; what was closed instead. */
function ask(socket: TLSSocket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const look = (part: Buffer) => {
      text += part.toString('latin1');
      const length = Number(/\r\ncontent-length: (\d+)\r\n/i.exec(text)?.[1] ?? Number.NaN);
      const body = text.split('\r\n\r\n')[1];
      if (body !== undefined && body.length === length) {
        socket.off('data', look);
        resolve(body);
      }
    };
    socket.on('data', look);
    socket.once('close', () => resolve('closed'));
    socket.once('error', () => resolve('closed'));
    socket.write('GET /who HTTP/1.1\r\nHost: x\r\n\r\n');
  });
}

/** The error of a renegotiation with another certificate; `undefined` if the server took part in it. */
function renegotiate(socket: TLSSocket, as: Identity): Promise<Error | null> {
  return new Promise((resolve) => {
    socket.once('error', resolve);
    socket.once('close', () => resolve(new Error('closed')));
    socket.setKeyCert(keyPair(as));
    socket.renegotiate({ rejectUnauthorized: false }, resolve);
  });
}

describe('renegotiation with another certificate is refused, and gives no other identity', () => {
  const first: readonly (CertificateActor | undefined)[] = ['app', 'app_no_ou', 'app_no_eku', undefined];

  test.each(first)('from a connection as %s', async (actor) => {
    const socket = await open(actor === undefined ? {} : keyPair(actors[actor]));
    expect(await renegotiate(socket, forged)).toBeInstanceOf(Error);
    expect(await ask(socket)).not.toBe(victim);
    socket.destroy();
  });

  test('also after a request, and after the certificate of the server was renewed', async () => {
    server.renew(identity);
    const socket = await open(keyPair(actors.app));
    expect(await ask(socket)).toMatch(/^mtls-app:/);
    expect(await renegotiate(socket, forged)).toBeInstanceOf(Error);
    expect(await ask(socket)).not.toBe(victim);
    socket.destroy();
  });

  test('asked for by OpenSSL', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'credplex-renegotiation-'));
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      return join(folder, name);
    };
    const certificate = file('app.pem', actors.app.certificate);
    const key = file('app.key', actors.app.privateKey.reveal());
    const words = ['s_client', '-connect', `127.0.0.1:${port}`, '-tls1_2', '-cert', certificate, '-key', key];
    const child = spawn('openssl', words, { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.stdin.on('error', () => undefined);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (part: Buffer) => {
        const before = output;
        output += part.toString('latin1');
        // The end of what it tells about the connection: it listens to commands from now on.
        const ready = /Extended master secret: \w+/;
        if (ready.test(output) && !ready.test(before)) child.stdin.write('R\n');
        if (/no renegotiation|RENEGOTIATING[\s\S]*verify return/.test(output)) child.stdin.end('Q\n');
      });
    }
    await ended;
    expect(output).toContain('RENEGOTIATING');
    expect(output).toContain('no renegotiation');
  });
});

test('a socket without a recorded handshake has no identity', async () => {
  const options = { ...keyPair(identity), ca: clientCa.certificate, requestCert: true, rejectUnauthorized: false };
  const unrecorded = createServer(options, (incoming, outgoing) => outgoing.end(who(incoming)));
  await new Promise<void>((resolve) => unrecorded.listen(0, '127.0.0.1', resolve));
  const socket = await open({ ...keyPair(actors.app), port: (unrecorded.address() as AddressInfo).port });
  expect(await ask(socket)).toBe('nobody');
  socket.destroy();
  await new Promise((resolve) => unrecorded.close(resolve));
});

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', (version) => {
  test('a certificate that expires during a connection has no identity from then on', async () => {
    const socket = await open(keyPair(actors.app), version);
    expect(await ask(socket)).toMatch(/^mtls-app:/);
    ahead = 40 * 86_400_000;
    try {
      expect(await ask(socket)).toBe('certificate_ended');
    } finally {
      ahead = 0;
    }
    socket.destroy();
  });

  test('a resumed session has the identity of its first handshake', async () => {
    const first = await open(keyPair(actors.app), version);
    // With TLS 1.3 the session comes after the handshake, with 1.2 in it.
    const later = new Promise<Buffer>((resolve) => first.once('session', resolve));
    const session = version === 'TLSv1.2' ? first.getSession() : await later;
    const asked = await ask(first);
    const resumed = await open({ session }, version);
    first.destroy();
    expect(resumed.isSessionReused()).toBe(true);
    expect(await ask(resumed)).toBe(asked);
    resumed.destroy();
  });
});
