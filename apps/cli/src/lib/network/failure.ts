import { goQuote } from '../format/go-quote.ts';

/** What failed, in the words of Go's net/http: `Get "https://h/info": <cause>`. `cause` is Node's own error. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  constructor(request: { readonly method: string; readonly url: string }, detail: string, cause?: unknown) {
    const verb = request.method.slice(0, 1) + request.method.slice(1).toLowerCase();
    super(`${verb} ${goQuote(withoutPassword(request.url))}: ${detail}`, { cause });
  }
}

/**
 * The answer began and then broke off. The message is the cause alone: who reads the body says what could not be read.
 */
export class BodyError extends NetworkError {
  constructor(request: { readonly method: string; readonly url: string }, detail: string, cause?: unknown) {
    super(request, detail, cause);
    this.message = detail;
  }
}

function withoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/[^:@/?#]*):[^@/?#]*@/, '$1:***@');
}

/** A failure whose text is already Go's; made by the tunnels, which know what they were doing. */
export class DialError extends Error {
  override readonly name = 'DialError';
}

const SYSCALL_TEXT: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ETIMEDOUT: 'connection timed out',
  EADDRNOTAVAIL: 'cannot assign requested address',
  ECONNRESET: 'connection reset by peer',
  EPIPE: 'broken pipe',
};

// Alerts of TLS that Go's crypto/tls names otherwise than OpenSSL.
const ALERTS: Readonly<Record<string, string>> = {
  'protocol version': 'protocol version not supported',
  'unknown ca': 'unknown certificate authority',
  'certificate unknown': 'unknown certificate',
  'certificate expired': 'expired certificate',
  'certificate revoked': 'revoked certificate',
  'decrypt error': 'error decrypting message',
  'decode error': 'error decoding message',
  'insufficient security': 'insufficient security level',
};

const UNKNOWN_AUTHORITY = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

interface Facts {
  readonly code: string;
  readonly message: string;
  readonly syscall?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
  readonly names?: string;
  /** What the parser of HTTP could not read. */
  readonly rawPacket?: Buffer;
}

export function isUnknownAuthority(error: unknown): boolean {
  if (error instanceof DialError && error.cause !== undefined) return isUnknownAuthority(error.cause);
  return UNKNOWN_AUTHORITY.has(factsOf(error).code);
}

/** The part of Go's message that follows the URL, for an error of node:net, node:tls or node:http. */
export function describeFailure(error: unknown, target: URL): string {
  if (error instanceof DialError) return error.message;
  const facts = factsOf(error);
  if (facts.syscall === 'connect') return describeDial(facts);
  if (facts.code === 'ENOTFOUND') return `dial tcp: lookup ${facts.hostname ?? target.hostname}: no such host`;
  if (facts.code === 'EAI_AGAIN') return `dial tcp: lookup ${facts.hostname ?? target.hostname}: server misbehaving`;
  const certificate = describeCertificate(facts, target);
  if (certificate !== undefined) return `tls: failed to verify certificate: x509: ${certificate}`;
  if (facts.message === 'socket hang up' || facts.message.startsWith('Client network socket disconnected'))
    return 'EOF';
  if (/wrong version number|packet length too long/.test(facts.message)) {
    return 'http: server gave HTTP response to HTTPS client';
  }
  const alert = /(?:ssl\/tls|tlsv1\d?|sslv3) alert ([a-z ]+)/i.exec(facts.message)?.[1]?.trim();
  if (alert !== undefined) return `remote error: tls: ${ALERTS[alert] ?? alert}`;
  if (facts.code.startsWith('HPE_')) {
    const firstLine = facts.rawPacket?.toString('latin1').split(/\r?\n/)[0] ?? '';
    return `net/http: HTTP/1.x transport connection broken: malformed HTTP response ${goQuote(firstLine)}`;
  }
  const known = SYSCALL_TEXT[facts.code];
  if (known !== undefined) return `${facts.syscall ?? 'read'} tcp ${target.host}: ${facts.syscall ?? 'read'}: ${known}`;
  return facts.message;
}

/** `dial tcp 127.0.0.1:1: connect: connection refused`, for a failed connect of node:net. */
export function describeDial(error: unknown): string {
  const facts = factsOf(error);
  if (facts.code === 'ENOTFOUND') return `dial tcp: lookup ${facts.hostname ?? ''}: no such host`;
  if (facts.address === undefined) return `dial tcp: ${facts.message}`;
  const host = facts.address.includes(':') ? `[${facts.address}]` : facts.address;
  return `dial tcp ${host}:${facts.port ?? 0}: connect: ${SYSCALL_TEXT[facts.code] ?? facts.message}`;
}

function describeCertificate(facts: Facts, target: URL): string | undefined {
  if (UNKNOWN_AUTHORITY.has(facts.code)) return 'certificate signed by unknown authority';
  if (facts.code === 'CERT_HAS_EXPIRED' || facts.code === 'CERT_NOT_YET_VALID') {
    return 'certificate has expired or is not yet valid';
  }
  if (facts.code === 'ERR_TLS_CERT_ALTNAME_INVALID') return describeWrongName(facts, target.hostname);
  return undefined;
}

function describeWrongName(facts: Facts, host: string): string {
  const entries = (facts.names ?? '').split(', ').filter((entry) => entry !== '');
  const isAddress = /^[\d.]+$|^\[/.test(host);
  const prefix = isAddress ? 'IP Address:' : 'DNS:';
  const wanted = host.replace(/^\[|\]$/g, '');
  const names = entries.filter((entry) => entry.startsWith(prefix)).map((entry) => entry.slice(prefix.length));
  if (names.length > 0) return `certificate is valid for ${names.join(', ')}, not ${wanted}`;
  if (isAddress) return `cannot validate certificate for ${wanted} because it doesn't contain any IP SANs`;
  return `certificate is not valid for any names, but wanted to match ${wanted}`;
}

function factsOf(error: unknown): Facts {
  if (error instanceof AggregateError && error.errors.length > 0) return factsOf(error.errors[0]);
  if (!(error instanceof Error)) {
    return typeof error === 'object' && error !== null && 'code' in error ? (error as Facts) : plain(String(error));
  }
  const certificate = 'cert' in error ? (error.cert as { subjectaltname?: string } | undefined) : undefined;
  return {
    ...plain(error.message),
    ...(error as unknown as Partial<Facts>),
    message: error.message,
    ...(certificate?.subjectaltname === undefined ? {} : { names: certificate.subjectaltname }),
  };
}

function plain(message: string): Facts {
  return { code: '', message };
}
