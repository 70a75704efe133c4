/** Bodies on the wire, within a budget. */
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { CredError } from '@credplex/core';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { afterEach, expect, test } from 'vitest';
import { type Api, createApp } from './app.ts';
import { readBody } from './body.ts';
import { type BodyBudget, createBodyBudget } from './body-budget.ts';
import type { ServerEnv } from './http-env.ts';

const MIB = 1024 * 1024;
const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** Answers the length of a body and the size of the buffer it is in, or the code of what was thrown. */
async function serve(budget: BodyBudget): Promise<number> {
  const app = new Hono<ServerEnv>();
  app.post('/', async (c) => {
    const reservation = budget.open();
    try {
      const bytes = await readBody(c.req.raw, c.env, 4 * MIB, reservation);
      return c.text(`length=${bytes.length} own=${bytes.buffer.byteLength === bytes.length} held=${reservation.bytes}`);
    } catch (error) {
      return c.text(error instanceof CredError ? error.code : String(error), 503);
    } finally {
      reservation.release();
    }
  });
  const listener = getRequestListener(createApp({ apis: [], fallback: app as unknown as Api['app'] }) as never);
  const server: Server = createServer(listener);
  server.on('checkContinue', listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({ close: () => server.close() });
  return (server.address() as AddressInfo).port;
}

interface Conversation {
  readonly socket: Socket;
  /** Resolves when what came matches. */
  until(pattern: RegExp): Promise<string>;
  text(): string;
}

function converse(port: number, ...headers: string[]): Conversation {
  const socket = connect(port, '127.0.0.1');
  open.push({ close: () => socket.destroy() });
  let text = '';
  const waiting = new Set<() => void>();
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    for (const check of waiting) check();
  });
  socket.write(['POST / HTTP/1.1', 'Host: x', 'Connection: close', ...headers, '', ''].join('\r\n'));
  return {
    socket,
    text: () => text,
    until: (pattern) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!pattern.test(text)) return;
          waiting.delete(check);
          resolve(text);
        };
        waiting.add(check);
        check();
      }),
  };
}

async function upTo(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate);
}

test('a large body gets 100 Continue only once memory is reserved', async () => {
  const budget = createBodyBudget(4 * MIB);
  const port = await serve(budget);
  const first = converse(port, `Content-Length: ${3 * MIB}`, 'Expect: 100-continue');
  await first.until(/100 Continue/);
  const second = converse(port, `Content-Length: ${3 * MIB}`, 'Expect: 100-continue');
  const small = converse(port, 'Content-Length: 5', 'Expect: 100-continue');
  await small.until(/100 Continue/);
  expect(second.text()).toBe('');
  expect(budget.used).toBe(3 * MIB + 5);
  small.socket.write('small');
  await small.until(/length=5 /);
  first.socket.write(Buffer.alloc(3 * MIB));
  await first.until(/length=3145728 own=true/);
  await second.until(/100 Continue/);
  second.socket.write(Buffer.alloc(3 * MIB));
  await second.until(/length=3145728 own=true held=3145728/);
  await upTo(() => budget.used === 0);
});

test('a body that times out in the queue is unavailable and is not read', async () => {
  const budget = createBodyBudget(4 * MIB, { timeoutMs: 20 });
  const port = await serve(budget);
  const first = converse(port, `Content-Length: ${3 * MIB}`, 'Expect: 100-continue');
  await first.until(/100 Continue/);
  const second = converse(port, `Content-Length: ${3 * MIB}`, 'Expect: 100-continue');
  expect(await second.until(/unavailable$/)).not.toContain('100 Continue');
});

test('a body without a length reserves memory as it grows, and keeps only its size', async () => {
  const budget = createBodyBudget(16 * MIB);
  const port = await serve(budget);
  const chunked = converse(port, 'Transfer-Encoding: chunked');
  await upTo(() => budget.used === 16 * 1024);
  const chunk = (bytes: number) => `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`;
  chunked.socket.write(chunk(20_000));
  await upTo(() => budget.used === 256 * 1024);
  chunked.socket.write(chunk(MIB));
  await upTo(() => budget.used === 4 * MIB);
  chunked.socket.write('0\r\n\r\n');
  await chunked.until(/length=1068576 own=true held=1068576/);
  await upTo(() => budget.used === 0);
});

test('an upload without progress is aborted only while another one waits', async () => {
  const budget = createBodyBudget(4 * MIB, { slowUploads: { graceMs: 10, minBytesPerSecond: 1024 } });
  const port = await serve(budget);
  const stalled = converse(port, `Content-Length: ${3 * MIB}`, 'Expect: 100-continue');
  await stalled.until(/100 Continue/);
  stalled.socket.write('x');
  const waiting = converse(port, `Content-Length: ${3 * MIB}`, 'Expect: 100-continue');
  await stalled.until(/503[\s\S]*unavailable$/);
  await waiting.until(/100 Continue/);
  waiting.socket.write(Buffer.alloc(3 * MIB));
  await waiting.until(/length=3145728 /);
});

test('a client that disconnects while waiting or sending releases its reservation', async () => {
  const budget = createBodyBudget(4 * MIB);
  const port = await serve(budget);
  const first = converse(port, `Content-Length: ${3 * MIB}`, 'Expect: 100-continue');
  await first.until(/100 Continue/);
  const waiting = converse(port, `Content-Length: ${2 * MIB}`, 'Expect: 100-continue');
  const behind = converse(port, `Content-Length: ${MIB}`, 'Expect: 100-continue');
  waiting.socket.destroy();
  first.socket.destroy();
  await behind.until(/100 Continue/);
  behind.socket.destroy();
  await upTo(() => budget.used === 0);
});
