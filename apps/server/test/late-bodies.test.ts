/** Authorisation is checked again after a late body, because the client decides when its body arrives. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientToken, type Operator } from './harness/credplex.ts';
import { startServer, type TestServer } from './harness/server.ts';

const DATA = '/api/v1/data';
let server: TestServer;
let operator: Operator;
beforeAll(async () => {
  server = await startServer({ level: 2, settings: { auth: {}, acls: { enabled: false } } });
  operator = JSON.parse(readFileSync(join(server.folder, 'data', 'operator.json'), 'utf8'));
});
afterAll(() => server?.stop());

function newToken(): Promise<string> {
  return clientToken(server.client, operator);
}
function send(method: string, path: string, token: string, body?: unknown) {
  return server.sendRaw(method, path, body, { as: null, headers: { authorization: `Bearer ${token}` } });
}

interface Late {
  readonly request: string;
  readonly token: string;
  readonly contentType: string;
  readonly body: string;
}

/** The status of a request whose body is sent when the server asks for it, and `between` is done. */
function statusOf({ request, token, contentType, body }: Late, between: () => Promise<unknown>): Promise<number> {
  return new Promise((resolve, reject) => {
    const port = Number(new URL(server.url).port);
    let got = '';
    const head = [
      `${request} HTTP/1.1`,
      'Host: localhost',
      `Authorization: Bearer ${token}`,
      `Content-Type: ${contentType}`,
      `Content-Length: ${body.length}`,
      'Expect: 100-continue',
      'Connection: close',
    ];
    const socket: TLSSocket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: server.ca }, () => {
      socket.write(`${head.join('\r\n')}\r\n\r\n`);
    });
    socket.on('data', (part: Buffer) => {
      const isFirst = got === '';
      got += part.toString('latin1');
      if (isFirst && got.startsWith('HTTP/1.1 100 ')) between().then(() => socket.write(body), reject);
    });
    socket.on('end', () => {
      socket.destroy();
      resolve(Number(/HTTP\/1\.1 ([2-5]\d\d) /.exec(got)?.[1]));
    });
    socket.on('error', reject);
  });
}

function set(name: string, token: string): Late {
  return {
    request: `PUT ${DATA}`,
    token,
    contentType: 'application/json',
    body: JSON.stringify({ name, type: 'value', value: 'v' }),
  };
}
async function nothing(): Promise<void> {
  return undefined;
}

async function revoke(token: string): Promise<void> {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { jti: string };
  const answer = await send('DELETE', `/uaa/oauth/token/revoke/${claims.jti}`, token);
  expect(answer.status).toBe(200);
}

test('a token that was revoked meanwhile writes nothing', async () => {
  const token = await newToken();
  expect(await statusOf(set('/late/good', token), nothing)).toBe(200);
  expect(await statusOf(set('/late/revoked', token), () => revoke(token))).toBe(401);
  expect((await send('GET', `${DATA}?name=/late/revoked`, await newToken())).status).toBe(404);
});

test('nor does it delete, by a form body', async () => {
  const token = await newToken();
  await send('PUT', DATA, token, { name: '/late/kept', type: 'value', value: 'v' });
  const late = {
    request: `DELETE ${DATA}`,
    token,
    contentType: 'application/x-www-form-urlencoded',
    body: 'name=/late/kept',
  };
  expect(await statusOf(late, () => revoke(token))).toBe(401);
  expect((await send('GET', `${DATA}?name=/late/kept`, await newToken())).status).toBe(200);
});

test('read-only mode that was switched on meanwhile refuses the write', async () => {
  const token = await newToken();
  const switchTo = (on: boolean) => server.sendRaw('POST', '/management', { read_only_mode: on }, { as: null });
  try {
    expect(await statusOf(set('/late/read-only', token), () => switchTo(true))).toBe(503);
  } finally {
    await switchTo(false);
  }
  expect((await send('GET', `${DATA}?name=/late/read-only`, token)).status).toBe(404);
});
