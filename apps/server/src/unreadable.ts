/**
 * Requests that no API gets to see, because HTTP forbids them or Node cannot read them. They are answered in the words of the
 * API whose path they name, as far as they name one.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { bodyLeft } from './body.ts';
import { lingerAfter, lingerRaw } from './linger.ts';

/** An answer in one piece. */
export interface Refusal {
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}
/** `undefined`: the path belongs to nobody who has words for it. */
export type Refuse = (status: number, path: string) => Refusal | undefined;

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
};
const STATUSES: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Server-facts 8.2 has HTML here; a client can read this. */
const PLAIN: Refusal = {
  headers: { 'Content-Type': 'application/json' },
  text: JSON.stringify({
    error:
      'The request could not be fulfilled because the request path or body did not meet expectation. Please check the documentation for required formatting and retry your request.',
  }),
};

const pathIn = (target: string): string => target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');

const wordsFor = (refuse: Refuse, status: number, target: string | undefined): Refusal =>
  (target === undefined ? undefined : refuse(status, pathIn(target))) ?? PLAIN;

/** The request whose body a connection is sending: when that goes wrong, its first line is long gone by. */
const sending = new WeakMap<Socket, IncomingMessage>();

export function rememberSending(incoming: IncomingMessage): void {
  if (bodyLeft({ incoming })) sending.set(incoming.socket, incoming);
}

/**
 * The target of a request line, where the packet begins with one. That of headers beyond 16 KiB never does: the line came
 * with an earlier packet, as TLS has none larger, and Node keeps nothing of it. So 431 is answered without a path.
 */
function targetOf(socket: Socket, packet: unknown): string | undefined {
  const open = sending.get(socket);
  if (open?.complete === false) return open.url;
  if (!Buffer.isBuffer(packet)) return undefined;
  return /^[A-Z-]+ ([!-~\x80-\xff]+)/.exec(packet.toString('latin1'))?.[1];
}

/** For `clientError`. An answer that was begun is not gone on with: what the client takes for it could be anything. */
export const refuseUnreadable =
  (refuse: Refuse) =>
  (error: NodeJS.ErrnoException & { readonly rawPacket?: unknown }, socket: Socket): void => {
    if (!socket.writable || error.code === 'ECONNRESET' || socket.bytesWritten > 0) {
      socket.destroy();
      return;
    }
    const status = STATUSES[error.code ?? ''] ?? 400;
    const { headers, text } = wordsFor(refuse, status, targetOf(socket, error.rawPacket));
    const lines = Object.entries({ Connection: 'close', ...headers, 'Content-Length': Buffer.byteLength(text) });
    socket.end(
      `HTTP/1.1 ${status} ${REASONS[status]}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${text}`,
    );
    lingerRaw(socket);
  };

/**
 * RFC 9112, 3.2: one Host, no more and no less. HTTP/1.0, which load balancers speak in their health checks, need not name
 * one; nothing here depends on it.
 */
export function namesOneHost({ rawHeaders, httpVersion }: IncomingMessage): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts === 1 || (hosts === 0 && httpVersion === '1.0');
}

export function refuseRequest(refuse: Refuse, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { headers, text } = wordsFor(refuse, 400, incoming.url);
  outgoing.writeHead(400, { ...headers, Connection: 'close', 'Content-Length': Buffer.byteLength(text) });
  if (bodyLeft({ incoming })) lingerAfter(incoming);
  outgoing.end(text);
}

/** For a request whose target or Host no URL can be made of. */
export function refusedTarget(refuse: Refuse, incoming: IncomingMessage | undefined): Response {
  const { headers, text } = wordsFor(refuse, 400, incoming?.url);
  return new Response(text, { status: 400, headers: { ...headers, Connection: 'close' } });
}
