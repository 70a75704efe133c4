import { connect, type TLSSocket } from 'node:tls';
import { createCertificateAuthority, issueServerCertificate } from '@credplex/pki';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from './app.ts';
import { readBody } from './body.ts';
import type { ServerEnv } from './http-env.ts';
import { listenTls, TIME_LIMITS, type TlsListening } from './listen.ts';

const MIB = 1024 * 1024;
let server: TlsListening;
let ca: string;
let heard = 0;

/** `/refuse`: 403 with the body unread; `/limited`: 413 above 1000 bytes; `/heard`: counts. */
beforeAll(async () => {
  const now = new Date();
  const authority = await createCertificateAuthority({ commonName: 'server ca', days: 2, now });
  const identity = await issueServerCertificate({ ca: authority, names: ['localhost'], days: 2, now });
  ca = authority.certificate;
  const app = new Hono<ServerEnv>();
  app.all('/refuse', () => new Response('{}', { status: 403 }));
  app.all('/limited', async (c) => {
    const read = readBody(c.req.raw, c.env, 1000).then(
      () => 200,
      () => 413,
    );
    return new Response('{}', { status: await read });
  });
  app.all('/heard', () => {
    heard += 1;
    return new Response('{}');
  });
  server = await listenTls({
    fetch: createApp({ apis: [], fallback: app }),
    addresses: [{ host: '127.0.0.1', port: 0 }],
    tls: { ...identity, clientCas: [] },
    limits: { ...TIME_LIMITS, stopServer: 200 },
  });
});
afterAll(() => server.close());

function open(): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const port = server.addresses[0]?.port ?? 0;
    // Node's types leave allowHalfOpen out of what tls.connect takes.
    const options = { host: '127.0.0.1', port, ca, servername: 'localhost', allowHalfOpen: true };
    const socket = connect(options, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Writes all of it before it reads anything, as simple clients do; then all that comes. */
async function wholeThenRead(socket: TLSSocket, head: string, body: Buffer): Promise<string> {
  socket.pause();
  socket.write(head);
  await new Promise<void>((resolve, reject) => {
    socket.write(body, (error) => (error == null ? resolve() : reject(error)));
  });
  return rest(socket);
}

function rest(socket: TLSSocket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('end', () => {
      socket.destroy();
      resolve(text);
    });
    socket.resume();
  });
}

describe('a response before the end of the body reaches the client', () => {
  test.each([
    ['/refuse', 3, 403],
    ['/refuse', 40, 403],
    ['/limited', 40, 413],
  ])('%s with %i MiB: %i', async (path, size, status) => {
    const body = Buffer.alloc(size * MIB, 'x');
    const head = `PUT ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`;
    const answer = await wholeThenRead(await open(), head, body);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*\\r\\nconnection: close\\r\\n`, 'i'));
  });

  test('with a chunked body', async () => {
    const body = Buffer.from(`${MIB.toString(16)}\r\n${'x'.repeat(MIB)}\r\n0\r\n\r\n`);
    const head = 'PUT /limited HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(await wholeThenRead(await open(), head, body)).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('for input that is not a request', async () => {
    expect(await wholeThenRead(await open(), 'no HTTP\r\n\r\n', Buffer.alloc(3 * MIB, 'x'))).toMatch(
      /^HTTP\/1\.1 400 /,
    );
  });
});

test('requests after a refused body are ignored', async () => {
  const socket = await open();
  const answered = new Promise((resolve) => socket.once('data', resolve));
  socket.write('POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabcde');
  await answered;
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  socket.end('fghijGET /heard HTTP/1.1\r\nHost: x\r\n\r\n');
  await closed;
  expect(heard).toBe(0);
});

test('HTTP/1.0 requests may omit Host', async () => {
  const socket = await open();
  const answer = rest(socket);
  socket.write('GET /heard HTTP/1.0\r\n\r\n');
  expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
});
