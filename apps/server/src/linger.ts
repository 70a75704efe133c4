/**
 * Ends a connection whose client is still sending. A socket that is closed with unread bytes sends a reset, which may overtake
 * the response: the client then sees a broken pipe instead of its 401 or 413 (RFC 9112, 9.6). Therefore only our side is closed
 * after the response, and further input is read and discarded for a while.
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

/** Returns whether the connection has sent its last response, so that further requests must be ignored. */
export function isLingering(socket: Socket): boolean {
  return lingering.has(socket);
}

/** Closes our side after pending output, and the whole socket when `source` ends or a limit is reached. */
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
 * Makes the connection linger after a response that is sent before the body was read. Node calls `destroySoon` after the last
 * response; here that call waits for the rest of the body.
 */
export function lingerAfter(incoming: IncomingMessage, limits = LINGER): void {
  const { socket } = incoming;
  const end = socket.destroySoon;
  socket.destroySoon = () => {
    if (incoming.readableEnded && !lingering.has(socket)) end.call(socket);
    else linger(socket, incoming, limits);
  };
}

/** Makes the connection linger after a request whose body cannot be parsed; further input is read from the socket. */
export function lingerAfterRefusal(socket: Socket, limits = LINGER): void {
  socket.destroySoon = () => lingerRaw(socket, limits);
}

/** Lingers after the response to input that is not a valid request. */
export function lingerRaw(socket: Socket, limits = LINGER): void {
  socket.removeAllListeners('data');
  linger(socket, socket, limits);
}
