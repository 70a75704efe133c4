/**
 * Ending a connection whose client is still sending. Closed with bytes unread, a socket answers them with a reset, and the
 * reset may overtake the answer: the client then sees a broken pipe in place of its 401 or 413 (RFC 9112, 9.6). So the
 * answer goes out, our side is closed, and what still comes is read and thrown away for a while.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

interface LingerLimits {
  /** Milliseconds. */
  readonly time: number;
  readonly bytes: number;
}

const LINGER: LingerLimits = { time: 5_000, bytes: 64 * 1024 * 1024 };

const lingering = new WeakSet<Socket>();

/** Whether the last answer of this connection is written: whatever it asks now is not to be heard. */
export function isLingering(socket: Socket): boolean {
  return lingering.has(socket);
}

/** Closes our side after what was written, and all of it when `source` has ended or a limit is reached. */
function linger(socket: Socket, source: IncomingMessage | Socket, limits: LingerLimits): void {
  if (lingering.has(socket)) return;
  lingering.add(socket);
  let left = limits.bytes;
  source.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) socket.destroy();
  });
  const timer = setTimeout(() => socket.destroy(), limits.time);
  timer.unref();
  source.once('end', () => socket.destroy());
  socket.once('close', () => clearTimeout(timer));
  socket.end();
  source.resume();
}

/**
 * For a request that is answered before its body was read. Node ends a connection with `destroySoon` once its last answer
 * is written; for this one that means to linger until the body has come.
 */
export function lingerAfter(incoming: IncomingMessage, limits = LINGER): void {
  const { socket } = incoming;
  const end = socket.destroySoon;
  socket.destroySoon = () => {
    if (incoming.readableEnded && !lingering.has(socket)) end.call(socket);
    else linger(socket, incoming, limits);
  };
}

/** For a request whose body cannot be parsed: what still comes is read from the connection itself. */
export function lingerAfterRefusal(socket: Socket, limits = LINGER): void {
  socket.destroySoon = () => lingerRaw(socket, limits);
}

/** For bytes that are no request, when their answer is written. */
export function lingerRaw(socket: Socket, limits = LINGER): void {
  socket.removeAllListeners('data');
  linger(socket, socket, limits);
}
