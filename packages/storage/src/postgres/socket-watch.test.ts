import { createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createOwnSockets, watchSockets } from './socket-watch.ts';

test('an ended instance of the driver keeps no socket, also one that is still connecting, and opens none', async () => {
  const accepted = new Set<Socket>();
  const server = createServer((socket) => {
    accepted.add(socket.on('error', () => undefined));
    socket.resume().once('close', () => accepted.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const options = { host: ['127.0.0.1'], port: [port], path: null };
  const watch = watchSockets(60_000);
  const own = createOwnSockets(watch.open);
  const connected = own.open(options);
  await new Promise<void>((resolve) => connected.once('connect', () => resolve()));
  const connecting = own.open(options);
  const closed = [connected, connecting].map(
    (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
  );
  own.destroy();
  await Promise.all(closed);
  await expect.poll(() => accepted.size).toBe(0);
  expect(() => own.open(options)).toThrow(expect.objectContaining({ code: 'CONNECTION_CLOSED' }));
  watch.stop();
  server.close();
});
