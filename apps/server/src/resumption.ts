/**
 * Judges a client certificate before its session is resumed. On resumption OpenSSL repeats the verdict of the first handshake,
 * whatever has expired since. So a connection is read up to its ClientHello. If it offers a session whose certificate is no
 * longer acceptable, or that cannot be judged, it gets a TLS context that resumes nothing, and a full handshake decides.
 */
import type { X509Certificate } from 'node:crypto';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import { offeredTickets } from './client-hello.ts';
import { withoutResumption } from './secure-context.ts';
import { certificateIn } from './session-ticket.ts';

/** A ClientHello has at most one record here (RFC 8446, 5.1). */
const MAX_HELLO_BYTES = 5 + 16_384;

export interface ResumptionGuard {
  /** Closes the connections that have not sent their ClientHello. */
  close(): void;
}

/**
 * Starts to guard the new connections of a server. `timeoutMs`: for a connection to send its ClientHello.
 *
 * @throws Error when Node takes up connections in another way, since sessions would then be resumed unchecked.
 */
export function guardResumption(
  server: Server,
  timeoutMs: number,
  isAcceptable: (certificate: X509Certificate) => boolean,
): ResumptionGuard {
  const [startHandshake, ...others] = server.listeners('connection');
  if (startHandshake === undefined || others.length > 0) {
    throw new Error('this version of Node listens otherwise to connections; use the version of package.json');
  }
  server.removeAllListeners('connection');
  const waiting = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    waiting.add(socket);
    readHello(socket, timeoutMs, (hello) => {
      waiting.delete(socket);
      if (hello === undefined) return;
      const start = () => startHandshake.call(server, socket);
      if (mayResume(hello, server, isAcceptable)) start();
      else withoutResumption(server, start);
    });
  });
  return {
    close: () => {
      for (const socket of waiting) socket.destroy();
    },
  };
}

function mayResume(hello: Buffer, server: Server, isAcceptable: (certificate: X509Certificate) => boolean): boolean {
  const tickets = offeredTickets(hello);
  if (typeof tickets === 'string') return false;
  if (tickets.length === 0) return true;
  const key = server.getTicketKeys();
  return tickets.every((ticket) => {
    const certificate = certificateIn(ticket, key);
    return certificate === undefined || (certificate !== 'unreadable' && isAcceptable(certificate));
  });
}

/** Calls back once, when the ClientHello is complete or unreadable and back in the stream, or with nothing when it never comes. */
function readHello(socket: Socket, timeoutMs: number, done: (hello: Buffer | undefined) => void): void {
  let hello: Buffer = Buffer.alloc(0);
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  const finish = (result: Buffer | undefined): void => {
    clearTimeout(timer);
    socket.off('readable', onReadable).off('end', onEnd).off('close', onClose).off('error', onError);
    if (result !== undefined) socket.unshift(result);
    done(result);
  };
  const onReadable = (): void => {
    for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read()) {
      hello = hello.length === 0 ? chunk : Buffer.concat([hello, chunk]);
    }
    if (offeredTickets(hello) !== 'incomplete' || hello.length > MAX_HELLO_BYTES) finish(hello);
  };
  const onEnd = (): void => void socket.destroy();
  const onClose = (): void => finish(undefined);
  // The stream destroys itself then.
  const onError = (): void => undefined;
  socket.on('readable', onReadable).on('end', onEnd).on('close', onClose).on('error', onError);
}
