import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Sealed, type SecretRef, secret } from '@credplex/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createOpenBaoVault, type OpenBaoVault } from './openbao-vault.ts';

let server: Server;
let vault: OpenBaoVault;
let connections: number;
/** Reads without an answer, by the path of their document. */
let waiting: { readonly path: string; readonly response: ServerResponse }[];

beforeEach(async () => {
  connections = 0;
  waiting = [];
  server = createServer((request, response) => {
    waiting.push({ path: (request.url ?? '').replace(/^.*\/credhub\//, ''), response });
    server.emit('read');
  });
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  vault = createOpenBaoVault({ address: `http://127.0.0.1:${port}`, token: secret('t'), mount: 'secret', prefix: 'p' });
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await vault.close();
});

interface Stored {
  readonly ref: SecretRef;
  readonly sealed: Sealed;
}

function stored(): Stored {
  const id = randomUUID();
  const place = { mount: 'secret', path: `p/credhub/${id}`, version: 1, index: 'state' };
  return {
    ref: { purpose: 'credhub', id, path: `credhub/${id}` },
    sealed: { keyId: vault.activeKeyId(), format: 2, bytes: Buffer.from(JSON.stringify(place)) },
  };
}
async function open({ ref, sealed }: Stored): Promise<string | undefined> {
  return (await vault.open(ref, sealed)).value?.reveal();
}
async function arrived(count: number): Promise<void> {
  while (waiting.length < count) await once(server, 'read');
}
/** Answers each read with a value; by default it is the path. */
function answerAll(status = 200, value?: string): void {
  for (const { path, response } of waiting.splice(0)) {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(status === 200 ? JSON.stringify({ data: { data: { value: value ?? path } } }) : '{"errors":[]}');
  }
}

test('concurrent callers of one version share one read', async () => {
  const version = stored();
  const values = Promise.all(Array.from({ length: 20 }, () => open(version)));
  await arrived(1);
  const other = stored();
  const value = open(other);
  await arrived(2);
  expect(waiting.map(({ path }) => path)).toEqual([`${version.ref.id}?version=1`, `${other.ref.id}?version=1`]);
  answerAll();
  expect(new Set(await values)).toEqual(new Set([`${version.ref.id}?version=1`]));
  expect(await value).toBe(`${other.ref.id}?version=1`);
});

test('callers that share a read do not share the bytes of its value', async () => {
  const { ref, sealed } = stored();
  const documents = Promise.all([vault.open(ref, sealed), vault.open(ref, sealed)]);
  await arrived(1);
  const large = 'x'.repeat(300_000);
  answerAll(200, large);
  const [first, second] = (await documents).map(({ value }) => value?.revealBytes());
  structuredClone(null, { transfer: first ? [first.buffer as ArrayBuffer] : [] });
  expect(Buffer.from(second ?? []).toString()).toBe(large);
});

test('a read after an answer, or after a failure, is a read of its own', async () => {
  const version = stored();
  for (const status of [200, 403, 200]) {
    const value = open(version).catch((error) => error.code);
    await arrived(1);
    answerAll(status);
    expect(await value).toBe(status === 200 ? `${version.ref.id}?version=1` : 'vault_refused');
  }
});

test('sixteen reads are sent before the first answer, and their connections stay open for the next ones', async () => {
  for (let round = 0; round < 3; round += 1) {
    const versions = Array.from({ length: 16 }, stored);
    const values = Promise.all(versions.map(open));
    await arrived(16);
    answerAll();
    expect(await values).toEqual(versions.map(({ ref }) => `${ref.id}?version=1`));
  }
  expect(connections).toBe(16);
});
