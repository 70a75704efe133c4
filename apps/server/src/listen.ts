/**
 * Sockets: HTTPS on every listen address, with client certificates asked for but not required, and time limits on
 * everything that a slow or half-open client can hold.
 */
import { constants } from 'node:crypto';
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Secret } from '@credplex/core';
import { getRequestListener } from '@hono/node-server';
import type { Fetch } from './app.ts';
import { recordPeer } from './auth/mtls.ts';
import type { ListenAddress } from './config.ts';
import { CanonicalResponse } from './header-names.ts';
import { isLingering } from './linger.ts';
import { setSecureContext } from './secure-context.ts';
import {
  type Refuse,
  refusalStatus,
  refuseConnect,
  refuseRequest,
  refuseTarget,
  refuseUnreadable,
  rememberUpload,
} from './unreadable.ts';

export interface TlsFiles {
  /** PEM, the server's certificate first, then its chain. */
  readonly certificate: string;
  readonly privateKey: Secret;
  /**
   * PEM texts, each possibly with several certificates, whose clients are taken: roots, intermediates or a client's own
   * certificate. None: no client certificate is.
   */
  readonly clientCas: readonly string[];
}

/** Milliseconds. */
export interface TimeLimits {
  readonly handshake: number;
  readonly headers: number;
  readonly request: number;
  readonly keepAlive: number;
  /** How often the limits above are looked at. */
  readonly check: number;
  /** How long open requests may go on when the server stops. */
  readonly stopServer: number;
}

export const TIME_LIMITS: TimeLimits = {
  handshake: 10_000,
  headers: 15_000,
  request: 120_000,
  keepAlive: 75_000,
  check: 2_000,
  stopServer: 10_000,
};

export interface Listening {
  readonly addresses: readonly AddressInfo[];
  /** Takes no new connection, lets open requests end, then closes. */
  close(): Promise<void>;
}

export interface TlsListening extends Listening {
  /** New connections get this certificate; what is open stays open. */
  renew(identity: Pick<TlsFiles, 'certificate' | 'privateKey'>): void;
}

type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

function configureServer(server: Server, answer: Listener, refuse: Refuse, limits: TimeLimits): Server {
  const listener: Listener = (incoming, outgoing) => {
    if (isLingering(incoming.socket)) {
      incoming.socket.destroy();
      return;
    }
    const status = refusalStatus(incoming);
    if (status !== undefined) {
      refuseRequest(refuse, status, incoming, outgoing);
      return;
    }
    incoming.headers.host ??= 'localhost';
    rememberUpload(incoming);
    answer(incoming, outgoing);
  };
  server.on('request', listener);
  // Nobody is told to go on before the caller was let in; body.ts does that.
  server.on('checkContinue', listener);
  // Other expectations are passed over (RFC 9110, 10.1.1 lets us): Node would answer 417 with an empty body.
  server.on('checkExpectation', listener);
  server.on('connect', refuseConnect(refuse));
  server.on('clientError', refuseUnreadable(refuse));
  server.headersTimeout = limits.headers;
  server.requestTimeout = limits.request;
  server.keepAliveTimeout = limits.keepAlive;
  return server;
}

function bind(server: Server, { host, port }: ListenAddress): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });
}

function stop(server: Server, limits: TimeLimits): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), limits.stopServer);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** HTTP never sees a connection whose client certificate does not hold. */
function admitPeer(socket: TLSSocket): void {
  if (!recordPeer(socket)) socket.destroy();
}

/**
 * Suites of TLS 1.2 with forward secrecy and authenticated encryption (RFC 9325, 4.2), and those of TLS 1.3. They include
 * all of the original's that Node offers without parameters for finite-field Diffie-Hellman, whose cost a client can force
 * on a server.
 */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

async function listenAll<S extends Server>(
  make: () => S,
  addresses: readonly ListenAddress[],
  limits: TimeLimits,
): Promise<Listening & { readonly servers: readonly S[] }> {
  const servers: S[] = [];
  const close = async () => {
    await Promise.all(servers.map((server) => stop(server, limits)));
  };
  const bound: AddressInfo[] = [];
  try {
    for (const address of addresses) {
      const server = make();
      bound.push(await bind(server, address));
      servers.push(server);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { addresses: bound, close, servers };
}

/** @throws what `listen` of node:net gives (EADDRINUSE …), and OpenSSL's errors for unusable TLS files */
export async function listenTls(deps: {
  readonly fetch: Fetch;
  readonly addresses: readonly ListenAddress[];
  readonly tls: TlsFiles;
  readonly limits?: TimeLimits;
}): Promise<TlsListening> {
  const limits = deps.limits ?? TIME_LIMITS;
  const { refuse } = deps.fetch;
  // What no URL can be made of fails before `answerOne` returns, and the handler is not told which request it was.
  let currentRequest: IncomingMessage | undefined;
  const handleRequest = getRequestListener(deps.fetch as Parameters<typeof getRequestListener>[0], {
    errorHandler: () => refuseTarget(refuse, currentRequest),
  }) as Listener;
  const listener: Listener = (incoming, outgoing) => {
    currentRequest = incoming;
    handleRequest(incoming, outgoing);
    currentRequest = undefined;
  };
  const context = ({ certificate, privateKey }: Pick<TlsFiles, 'certificate' | 'privateKey'>) => ({
    cert: certificate,
    key: privateKey.reveal(),
    // An empty list means that nobody is trusted; without it the system's roots would be.
    ca: [...deps.tls.clientCas],
    minVersion: 'TLSv1.2' as const,
    ciphers: CIPHERS,
    // A renegotiated connection has another peer than the one that was verified (RFC 5746 keeps the two bound, not equal).
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  });
  const make = (): HttpsServer => {
    const server = createServer({
      ...context(deps.tls),
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: limits.handshake,
      connectionsCheckingInterval: limits.check,
      maxHeaderSize: 16 * 1024,
      noDelay: true,
      // Node's own answer has no body; see unreadable.ts.
      requireHostHeader: false,
      ServerResponse: CanonicalResponse,
    });
    setSecureContext(server, context(deps.tls));
    server.on('secureConnection', admitPeer);
    server.on('tlsClientError', (_, socket) => socket.destroy());
    configureServer(server, listener, refuse, limits);
    return server;
  };
  const { addresses, close, servers } = await listenAll(make, deps.addresses, limits);
  return {
    addresses,
    close,
    renew: (identity) => {
      for (const server of servers) setSecureContext(server, context(identity));
    },
  };
}

/** Listens for management: plain HTTP, `/health` with database and vault checked; every other path is 404 and empty. */
export function listenManagement(deps: {
  readonly address: ListenAddress;
  /** Rejects when the database or the vault does not answer. */
  readonly check: () => Promise<void>;
  readonly limits?: TimeLimits;
}): Promise<Listening> {
  const limits = deps.limits ?? TIME_LIMITS;
  const answer: Listener = (incoming, outgoing) => {
    const path = (incoming.url ?? '').replace(/[?#].*$/, '').replace(/(.)\/$/, '$1');
    incoming.resume();
    if (path !== '/health' || (incoming.method !== 'GET' && incoming.method !== 'HEAD')) {
      outgoing.writeHead(404).end();
      return;
    }
    const send = (status: number, word: string) => {
      const text = `{"groups":["liveness","readiness"],"status":"${word}"}`;
      outgoing.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': text.length }).end(text);
    };
    deps.check().then(
      () => send(200, 'UP'),
      () => send(503, 'DOWN'),
    );
  };
  const options = {
    connectionsCheckingInterval: limits.check,
    maxHeaderSize: 16 * 1024,
    requireHostHeader: false,
  };
  const make = () => configureServer(createPlainServer(options), answer, () => undefined, limits);
  return listenAll(make, [deps.address], limits);
}
