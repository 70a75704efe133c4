/**
 * Requests that no API gets to see, because HTTP forbids them or Node cannot read them. They are answered in the words of the
 * API whose path they name, as far as they name one.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { hasUnreadBody } from './body.ts';
import { lingerAfter, lingerAfterRefusal, lingerRaw } from './linger.ts';

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
  501: 'Not Implemented',
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

function pathOf(target: string): string {
  return target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
}

function refusalFor(refuse: Refuse, status: number, target: string | undefined): Refusal {
  return (target === undefined ? undefined : refuse(status, pathOf(target))) ?? PLAIN;
}

/** The request whose body a connection is sending: when that goes wrong, its first line is long gone by. */
const uploads = new WeakMap<Socket, IncomingMessage>();

export function rememberUpload(incoming: IncomingMessage): void {
  if (hasUnreadBody({ incoming })) uploads.set(incoming.socket, incoming);
}

/**
 * The target of a request line, where the packet begins with one. That of headers beyond 16 KiB never does: the line came
 * with an earlier packet, as TLS has none larger, and Node keeps nothing of it. So 431 is answered without a path.
 */
function targetOf(socket: Socket, packet: unknown): string | undefined {
  const open = uploads.get(socket);
  if (open?.complete === false) return open.url;
  if (!Buffer.isBuffer(packet)) return undefined;
  return /^[A-Z-]+ ([!-~\x80-\xff]+)/.exec(packet.toString('latin1'))?.[1];
}

interface ParserError extends NodeJS.ErrnoException {
  readonly rawPacket?: unknown;
  /** llhttp's sentence. */
  readonly reason?: string;
}

function statusOf({ code = '', reason = '' }: ParserError): number {
  // Beside a Content-Length the framing is at fault, not the coding (RFC 9112, 6.3).
  if (code === 'HPE_INVALID_TRANSFER_ENCODING' && !reason.includes('Content-Length')) return 501;
  return STATUSES[code] ?? 400;
}

/** Connections whose last request was refused while the parser could go no further: its errors bring no second answer. */
const refusedSockets = new WeakSet<Socket>();

function answerRaw(refuse: Refuse, socket: Socket, status: number, target: string | undefined): void {
  // An answer that was begun is not continued: what the client takes for it could be anything.
  if (!socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const { headers, text } = refusalFor(refuse, status, target);
  const lines = Object.entries({ Connection: 'close', ...headers, 'Content-Length': Buffer.byteLength(text) });
  socket.end(
    `HTTP/1.1 ${status} ${REASONS[status]}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${text}`,
  );
  lingerRaw(socket);
}

/** For `clientError`. */
export function refuseUnreadable(refuse: Refuse) {
  return (error: ParserError, socket: Socket): void => {
    if (refusedSockets.has(socket)) return;
    if (error.code === 'ECONNRESET') socket.destroy();
    else answerRaw(refuse, socket, statusOf(error), targetOf(socket, error.rawPacket));
  };
}

/** For `connect`: this server is no proxy (RFC 9110, 9.3.6). */
export function refuseConnect(refuse: Refuse) {
  return ({ url }: IncomingMessage, socket: Socket): void => {
    // Node has taken its own listeners off by now.
    socket.on('error', () => socket.destroy());
    answerRaw(refuse, socket, 501, url);
  };
}

/**
 * RFC 9112, 3.2: one Host, no more and no less. HTTP/1.0, which load balancers speak in their health checks, need not name
 * one; nothing here depends on it.
 */
function hasValidHost({ rawHeaders, httpVersion }: IncomingMessage): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts === 1 || (hosts === 0 && httpVersion === '1.0');
}

/** The status that HTTP itself gives to a request, whatever it asks for; `undefined`: an API may see it. */
export function refusalStatus(incoming: IncomingMessage): 400 | 501 | undefined {
  if (!hasValidHost(incoming)) return 400;
  const coding = incoming.headers['transfer-encoding'];
  if (coding === undefined) return undefined;
  // RFC 9112, 6.1: what is not understood is 501, and HTTP/1.0 has no transfer codings.
  if (coding.trim().toLowerCase() !== 'chunked') return 501;
  return incoming.httpVersion === '1.0' ? 400 : undefined;
}

/** Answers a request of {@link refusalStatus}, after those before it on the connection, and ends the connection. */
export function refuseRequest(refuse: Refuse, status: 400 | 501, incoming: IncomingMessage, outgoing: ServerResponse) {
  const { headers, text } = refusalFor(refuse, status, incoming.url);
  outgoing.writeHead(status, { ...headers, Connection: 'close', 'Content-Length': Buffer.byteLength(text) });
  if (status === 501) {
    refusedSockets.add(incoming.socket);
    lingerAfterRefusal(incoming.socket);
  } else if (hasUnreadBody({ incoming })) lingerAfter(incoming);
  outgoing.end(text);
}

/** For a request whose target or Host no URL can be made of. */
export function refuseTarget(refuse: Refuse, incoming: IncomingMessage | undefined): Response {
  const { headers, text } = refusalFor(refuse, 400, incoming?.url);
  return new Response(text, { status: 400, headers: { ...headers, Connection: 'close' } });
}
