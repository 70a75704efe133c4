import { createServer } from 'node:net';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { offeredTickets } from './client-hello.ts';

/** The ClientHello of node:tls. */
function clientHello(): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.once('data', (hello: Buffer) => {
        socket.destroy();
        server.close();
        resolve(hello);
      });
    });
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      connect({ host: '127.0.0.1', port, servername: 'localhost' }).on('error', () => undefined);
    });
  });
}

function numbers(size: 1 | 2 | 3, value: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
}

function vector(size: 1 | 2 | 3, content: Buffer): Buffer {
  return Buffer.concat([numbers(size, content.length), content]);
}

function helloWith(...extensions: readonly (readonly [number, Buffer])[]): Buffer {
  const fixed = [Buffer.alloc(34), vector(1, Buffer.alloc(32)), vector(2, Buffer.alloc(4)), vector(1, Buffer.alloc(1))];
  const list = extensions.flatMap(([type, content]) => [numbers(2, type), vector(2, content)]);
  const hello = Buffer.concat([numbers(1, 1), vector(3, Buffer.concat([...fixed, vector(2, Buffer.concat(list))]))]);
  return Buffer.concat([Buffer.from([22, 3, 1]), vector(2, hello)]);
}

test('a first ClientHello offers no ticket, and each part of it is incomplete', async () => {
  const hello = await clientHello();
  expect(offeredTickets(hello)).toEqual([]);
  for (let length = 0; length < hello.length; length += 1) {
    expect(offeredTickets(hello.subarray(0, length))).toBe('incomplete');
  }
});

test('tickets of TLS 1.2 and every identity of TLS 1.3 are found', () => {
  const [old, first, second] = ['old', 'first', 'second'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];
  const age = Buffer.alloc(4);
  const identities = vector(2, Buffer.concat([vector(2, first), age, vector(2, second), age]));
  const binders = vector(2, vector(1, Buffer.alloc(32)));
  const hello = helloWith([0, Buffer.from('x')], [35, old], [41, Buffer.concat([identities, binders])]);
  expect(offeredTickets(hello)).toEqual([old, first, second]);
  expect(offeredTickets(helloWith([35, Buffer.alloc(0)]))).toEqual([]);
});

test('anything else is unreadable', () => {
  expect(offeredTickets(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toBe('unreadable');
  expect(offeredTickets(Buffer.from([22, 3, 1, 0, 0]))).toBe('unreadable');
  const hello = helloWith([41, Buffer.from([0, 9, 0, 1])]);
  expect(offeredTickets(hello)).toBe('unreadable');
});
