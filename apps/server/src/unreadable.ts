/**
 * Answers requests that reach no API, because HTTP forbids them or Node cannot parse them. The error has the format of the API that
 * owns the path, if a path is known.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { hasUnreadBody } from './body.ts';
import { lingerAfter, lingerAfterRefusal, lingerRaw } from './linger.ts';

/** An error response. */
export interface Refusal {
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Renders an error response; `undefined` when no API with its own format owns the path. */
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

/** CredHub sends HTML here; JSON is readable for its clients (docs/reference/divergences.md#http). */
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

/** The request whose body a connection is sending, to find its path when the body cannot be parsed. */
const uploads = new WeakMap<Socket, IncomingMessage>();

export function rememberUpload(incoming: IncomingMessage): void {
  if (hasUnreadBody({ incoming })) uploads.set(incoming.socket, incoming);
}

/**
 * Returns the target of the request line if the packet begins with one. Headers above 16 KiB span several packets (TLS records), and
 * Node does not keep the first. So 431 is answered without a path.
 */
function targetOf(socket: Socket, packet: unknown): string | undefined {
  const open = uploads.get(socket);
  if (open?.complete === false) return open.url;
  if (!Buffer.isBuffer(packet)) return undefined;
  return /^[A-Z-]+ ([!-~\x80-\xff]+)/.exec(packet.toString('latin1'))?.[1];
}

interface ParserError extends NodeJS.ErrnoException {
  readonly rawPacket?: unknown;
  /** Message of llhttp. */
  readonly reason?: string;
}

function statusOf({ code = '', reason = '' }: ParserError): number {
  // With a Content-Length the framing is invalid, not the coding (RFC 9112, 6.3).
  if (code === 'HPE_INVALID_TRANSFER_ENCODING' && !reason.includes('Content-Length')) return 501;
  return STATUSES[code] ?? 400;
}

/** Connections whose last request was refused; later parser errors must not cause a second response. */
const refusedSockets = new WeakSet<Socket>();

function answerRaw(refuse: Refuse, socket: Socket, status: number, target: string | undefined): void {
  // A response has begun: appending another one would corrupt it.
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

/** Returns the listener for `clientError`. */
export function refuseUnreadable(refuse: Refuse) {
  return (error: ParserError, socket: Socket): void => {
    if (refusedSockets.has(socket)) return;
    if (error.code === 'ECONNRESET') socket.destroy();
    else answerRaw(refuse, socket, statusOf(error), targetOf(socket, error.rawPacket));
  };
}

/** Returns the listener for `connect`: this server is not a proxy (RFC 9110, 9.3.6). */
export function refuseConnect(refuse: Refuse) {
  return ({ url }: IncomingMessage, socket: Socket): void => {
    // Node has removed its own listeners.
    socket.on('error', () => socket.destroy());
    answerRaw(refuse, socket, 501, url);
  };
}

/**
 * Requires exactly one Host header (RFC 9112, 3.2). HTTP/1.0, which load balancers use in health checks, may omit it.
 */
function hasValidHost({ rawHeaders, httpVersion }: IncomingMessage): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts === 1 || (hosts === 0 && httpVersion === '1.0');
}

/** Returns the status of a request that HTTP forbids; `undefined` for a valid one. */
export function refusalStatus(incoming: IncomingMessage): 400 | 501 | undefined {
  if (!hasValidHost(incoming)) return 400;
  const coding = incoming.headers['transfer-encoding'];
  if (coding === undefined) return undefined;
  // RFC 9112, 6.1: an unknown coding is 501, and HTTP/1.0 has no transfer codings.
  if (coding.trim().toLowerCase() !== 'chunked') return 501;
  return incoming.httpVersion === '1.0' ? 400 : undefined;
}

/** Answers a request with the status of {@link refusalStatus} and ends the connection, after earlier responses. */
export function refuseRequest(refuse: Refuse, status: 400 | 501, incoming: IncomingMessage, outgoing: ServerResponse) {
  const { headers, text } = refusalFor(refuse, status, incoming.url);
  outgoing.writeHead(status, { ...headers, Connection: 'close', 'Content-Length': Buffer.byteLength(text) });
  if (status === 501) {
    refusedSockets.add(incoming.socket);
    lingerAfterRefusal(incoming.socket);
  } else if (hasUnreadBody({ incoming })) lingerAfter(incoming);
  outgoing.end(text);
}

/** Returns the response to a request whose target or Host is not a valid URL. */
export function refuseTarget(refuse: Refuse, incoming: IncomingMessage | undefined): Response {
  const { headers, text } = refusalFor(refuse, 400, incoming?.url);
  return new Response(text, { status: 400, headers: { ...headers, Connection: 'close' } });
}
