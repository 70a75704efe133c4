import { connect as connectPlain, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { createCertificateAuthority, issueServerCertificate } from '@credplex/pki';
import { Hono } from 'hono';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createApp } from './app.ts';
import type { ServerEnv } from './http-env.ts';
import { type Listening, listenManagement, listenTls, TIME_LIMITS } from './listen.ts';

let server: Listening;
let management: Listening;
let ca: string;
/** Paths of the requests that the app saw. */
let seen: string[] = [];

beforeAll(async () => {
  const now = new Date();
  const authority = await createCertificateAuthority({ commonName: 'server ca', days: 2, now });
  const identity = await issueServerCertificate({ ca: authority, names: ['localhost'], days: 2, now });
  ca = authority.certificate;
  const app = new Hono<ServerEnv>();
  app.all('*', (c) => {
    seen.push(c.req.path);
    return c.text('seen');
  });
  const limits = { ...TIME_LIMITS, stop: 200 };
  server = await listenTls({
    fetch: createApp({ apis: [], fallback: app }),
    addresses: [{ host: '127.0.0.1', port: 0 }],
    tls: { ...identity, clientCas: [] },
    limits,
  });
  management = await listenManagement({
    address: { host: '127.0.0.1', port: 0 },
    check: async () => undefined,
    limits,
  });
});
afterAll(() => Promise.all([server.close(), management.close()]));
beforeEach(() => {
  seen = [];
});

function open(): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const port = server.addresses[0]?.port ?? 0;
    const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** All that comes until the server ends the connection. */
function untilEnd(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (part: Buffer) => (text += part.toString('latin1')));
    socket.on('error', reject);
    socket.on('end', () => resolve(text));
  });
}

const REFUSAL = /\r\n\r\n\{"error":"The request could not be fulfilled [^"]*"\}$/;
function post(...headers: string[]): string {
  return ['POST /x HTTP/1.1', 'Host: x', ...headers, '', ''].join('\r\n');
}

const BODY = '5\r\nhello\r\n0\r\n\r\n';

describe('a transfer coding other than chunked is 501, and the connection closes', () => {
  test.each([
    ['gzip', post('Transfer-Encoding: gzip')],
    ['gzip of a body', `${post('Transfer-Encoding: gzip')}hello`],
    ['identity', post('Transfer-Encoding: identity')],
    ['a longer word', `${post('Transfer-Encoding: xchunked')}${BODY}`],
    ['a parameter', `${post('Transfer-Encoding: chunked;a=b')}${BODY}`],
    ['gzip, chunked', `${post('Transfer-Encoding: gzip, chunked')}${BODY}`],
    ['gzip and chunked, a line each', `${post('Transfer-Encoding: gzip', 'Transfer-Encoding: chunked')}${BODY}`],
    ['chunked, gzip', `${post('Transfer-Encoding: chunked, gzip')}${BODY}`],
    ['chunked twice', `${post('Transfer-Encoding: chunked, chunked')}${BODY}`],
    ['with GET', 'GET /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n'],
    ['with HTTP/1.0', 'POST /x HTTP/1.0\r\nTransfer-Encoding: gzip\r\n\r\n'],
  ])('%s', async (_, text) => {
    const socket = await open();
    const answer = untilEnd(socket);
    socket.write(text);
    expect(await answer).toMatch(/^HTTP\/1\.1 501 Not Implemented\r\n(?:.+\r\n)*connection: close\r\n/i);
    expect(await answer).toMatch(REFUSAL);
    expect(seen).toEqual([]);
  });

  test('later requests on the connection are ignored, and earlier responses arrive', async () => {
    const socket = await open();
    const answer = untilEnd(socket);
    socket.write(`GET /first HTTP/1.1\r\nHost: x\r\n\r\n${post('Transfer-Encoding: gzip, chunked')}${BODY}`);
    socket.write('GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n');
    expect((await answer).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 501']);
    expect(seen).toEqual(['/first']);
  });

  test('the same applies when the parser cannot continue', async () => {
    const socket = await open();
    const answer = untilEnd(socket);
    socket.write(`GET /first HTTP/1.1\r\nHost: x\r\n\r\n${post('Transfer-Encoding: gzip')}`);
    socket.write('GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n');
    expect((await answer).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 501']);
    expect(seen).toEqual(['/first']);
  });
});

describe('framing that HTTP forbids is 400', () => {
  test.each([
    ['a length behind chunked', `${post('Transfer-Encoding: chunked', 'Content-Length: 3')}${BODY}`],
    ['a length before chunked', `${post('Content-Length: 3', 'Transfer-Encoding: chunked')}${BODY}`],
    ['chunked with HTTP/1.0', `POST /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n${BODY}`],
  ])('%s', async (_, text) => {
    const socket = await open();
    const answer = untilEnd(socket);
    socket.write(text);
    expect(await answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n(?:.+\r\n)*connection: close\r\n/i);
    expect(seen).toEqual([]);
  });
});

test.each(['chunked', 'Chunked', '\tchunked '])('the transfer coding %j is accepted', async (coding) => {
  const socket = await open();
  const answer = untilEnd(socket);
  socket.write(`${post(`Transfer-Encoding:${coding}`, 'Connection: close')}${BODY}`);
  expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
});

describe('CONNECT is 501, and the connection closes', () => {
  test.each([
    'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n',
    'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nContent-Length: 4\r\n\r\nabcd',
    'CONNECT a:443 HTTP/1.1\r\n\r\n',
    'CONNECT a:443 HTTP/1.0\r\n\r\n',
    'CONNECT /api/v1/data HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n',
    'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n',
  ])('%j', async (text) => {
    const socket = await open();
    const answer = untilEnd(socket);
    socket.write(text);
    expect(await answer).toMatch(/^HTTP\/1\.1 501 Not Implemented\r\n(?:.+\r\n)*connection: close\r\n/i);
    expect(await answer).toMatch(REFUSAL);
    expect(seen).toEqual([]);
  });

  test('a client that resets the connection causes no error', async () => {
    const socket = await open();
    socket.on('error', () => undefined);
    socket.write('CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
    const next = await open();
    const answer = untilEnd(next);
    next.write('GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
  });
});

test.each([
  'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n',
  'GET /health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n',
])('the management listener refuses both as well: %j', async (text) => {
  const socket = connectPlain(management.addresses[0]?.port ?? 0, '127.0.0.1');
  const answer = untilEnd(socket);
  socket.write(text);
  expect(await answer).toMatch(/^HTTP\/1\.1 501 /);
});
