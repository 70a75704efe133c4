import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';
import { secret } from '@credplex/core';
import postgres from 'postgres';
import { afterAll, expect, test } from 'vitest';
import { connectionOptions } from './postgres/connection-options.ts';
import { issueTestCertificate, type TestIdentity } from './testing/self-signed.ts';
import { createOpenBaoClient } from './vault/openbao-client.ts';

const root = issueTestCertificate({ commonName: 'root', isCa: true });
const intermediate = issueTestCertificate({ commonName: 'intermediate', isCa: true, issuer: root });
const sibling = issueTestCertificate({ commonName: 'sibling', isCa: true, issuer: root });
const server = issueTestCertificate({ commonName: 'server', isCa: false, ipv4: '127.0.0.1', issuer: intermediate });

const folder = mkdtempSync(join(tmpdir(), 'credplex-anchors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function listen(listener: Server): Promise<number> {
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return (listener.address() as AddressInfo).port;
}

async function openBaoAnswers(anchor: TestIdentity): Promise<boolean> {
  const listener = createHttpsServer({ cert: server.certificate, key: server.privateKey }, (_, response) => {
    response.end('{}');
  });
  const address = `https://127.0.0.1:${await listen(listener)}`;
  const client = createOpenBaoClient({ address, token: secret('token'), ca: anchor.certificate });
  try {
    return await client.request('GET', 'sys/health').then(
      ({ status }) => status === 200,
      () => false,
    );
  } finally {
    await client.close();
    listener.closeAllConnections();
    listener.close();
  }
}

/** Whether the driver sends its startup message over TLS: it does so only once it trusts the server. */
async function postgresIsTrusted(anchor: TestIdentity, mode: string): Promise<boolean> {
  let trusted = false;
  const secureContext = createSecureContext({ cert: server.certificate, key: server.privateKey });
  const listener = createServer((socket) => {
    socket.on('error', () => undefined);
    // The request for TLS comes first (PostgreSQL, Message Formats: SSLRequest).
    socket.once('data', () => {
      socket.write('S');
      const secure = new TLSSocket(socket, { isServer: true, secureContext });
      secure.on('error', () => undefined);
      secure.once('data', () => {
        trusted = true;
        // The driver would connect again after a bare end, so the server refuses the login.
        const fields = Buffer.from('SFATAL\0C28P01\0Mrefused\0\0');
        const length = Buffer.alloc(4);
        length.writeInt32BE(fields.length + 4);
        secure.end(Buffer.concat([Buffer.from('E'), length, fields]));
      });
    });
  });
  const port = await listen(listener);
  const file = join(folder, `${anchor.commonName}.pem`);
  writeFileSync(file, anchor.certificate);
  const url = `postgres://u:p@127.0.0.1:${port}/d?sslmode=${mode}&sslrootcert=${encodeURIComponent(file)}`;
  const sql = postgres({ ...(connectionOptions(url) as postgres.Options<Record<string, never>>), max: 1 });
  await expect(sql`select 1`).rejects.toThrow();
  await sql.end({ timeout: 0 });
  listener.close();
  return trusted;
}

test("the CA of OpenBao may be an intermediate or the server's own certificate, and a sibling is not trusted", async () => {
  expect(await openBaoAnswers(intermediate)).toBe(true);
  expect(await openBaoAnswers(server)).toBe(true);
  expect(await openBaoAnswers(sibling)).toBe(false);
});

test.for(['require', 'verify-ca', 'verify-full'])(
  "sslrootcert may be an intermediate or the server's own certificate with sslmode %s, and a sibling is not trusted",
  async (mode) => {
    expect(await postgresIsTrusted(intermediate, mode)).toBe(true);
    expect(await postgresIsTrusted(server, mode)).toBe(true);
    expect(await postgresIsTrusted(sibling, mode)).toBe(false);
  },
);
