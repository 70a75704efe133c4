/**
 * Listens with HTTPS on every address. Client certificates are requested but optional, and timeouts limit slow and half-open
 * clients.
 */
import { constants, type X509Certificate } from 'node:crypto';
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Secret } from '@credplex/core';
import { getRequestListener } from '@hono/node-server';
import type { Fetch } from './app.ts';
import { recordPeer } from './auth/mtls.ts';
import { type ClientTrust, readClientTrust } from './client-trust.ts';
import type { ListenAddress } from './config.ts';
import { createGracefulStop, type GracefulStop } from './graceful-stop.ts';
import { isLingering } from './linger.ts';
import { guardResumption, type ResumptionGuard } from './resumption.ts';
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
  /** PEM: the server's certificate, then its chain. */
  readonly certificate: string;
  readonly privateKey: Secret;
  /**
   * Trust anchors of client certificates as PEM texts, each with one or more certificates: roots, intermediates or a client's own
   * certificate. When empty, no client certificate is accepted.
   */
  readonly clientCas: readonly string[];
  /** Seals session tickets. Default: a random key for each address. */
  readonly ticketKey?: Buffer;
}

/** Milliseconds. */
export interface TimeLimits {
  readonly handshake: number;
  readonly headers: number;
  readonly request: number;
  readonly keepAlive: number;
  /** Interval at which the limits above are checked. */
  readonly check: number;
  /** Grace period of open requests when the server stops. */
  readonly stopServer: number;
  /** Grace period of idle connections then. */
  readonly stopIdle: number;
}

export const TIME_LIMITS: TimeLimits = {
  handshake: 10_000,
  headers: 15_000,
  request: 120_000,
  keepAlive: 75_000,
  check: 2_000,
  stopServer: 10_000,
  stopIdle: 500,
};

export interface Listening {
  readonly addresses: readonly AddressInfo[];
  /** Accepts no new connections, answers open requests with `Connection: close`, then closes. */
  close(): Promise<void>;
}

export interface TlsListening extends Listening {
  /** Sets the certificate of new connections; open connections continue. */
  renew(identity: Pick<TlsFiles, 'certificate' | 'privateKey'>): void;
  /** Sets the key of session tickets. Tickets under the previous one are no longer accepted. */
  setTicketKey(key: Buffer): void;
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
  // `100 Continue` is sent only once the caller is authorised; see body.ts.
  server.on('checkContinue', listener);
  // Other expectations are ignored, as RFC 9110, 10.1.1 allows: Node would answer 417 with an empty body.
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

/** Closes a connection with an invalid client certificate before any request. */
function admitPeer(socket: TLSSocket, trust: ClientTrust): void {
  // A second ClientHello (RFC 8446, 4.1.4) may offer another session than the one that was judged.
  const resumed = socket.isSessionReused() ? socket.getPeerX509Certificate() : undefined;
  const isUnchecked = resumed !== undefined && !trust.stillAccepts(resumed, Date.now());
  if (isUnchecked || !recordPeer(socket)) socket.destroy();
}

/** The longest life of a session, in seconds. It ends earlier with its ticket key. */
const SESSION_SECONDS = 3_600;

/**
 * The suites of TLS 1.3, and those of TLS 1.2 with forward secrecy and authenticated encryption (RFC 9325, 4.2). CredHub's suites
 * with finite-field Diffie-Hellman are left out, because clients can exploit their cost.
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
  make: (response: GracefulStop['ServerResponse']) => S,
  addresses: readonly ListenAddress[],
  limits: TimeLimits,
): Promise<Listening & { readonly servers: readonly S[] }> {
  const servers: S[] = [];
  const graceful = createGracefulStop();
  const close = async () => {
    await Promise.all(servers.map((server) => graceful.stop(server, limits)));
  };
  const bound: AddressInfo[] = [];
  try {
    for (const address of addresses) {
      const server = make(graceful.ServerResponse);
      bound.push(await bind(server, address));
      servers.push(server);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { addresses: bound, close, servers };
}

/** Listens with HTTPS. @throws the errors of `listen` in node:net (EADDRINUSE …), and of OpenSSL for unusable TLS files */
export async function listenTls(deps: {
  readonly fetch: Fetch;
  readonly addresses: readonly ListenAddress[];
  readonly tls: TlsFiles;
  readonly limits?: TimeLimits;
}): Promise<TlsListening> {
  const limits = deps.limits ?? TIME_LIMITS;
  const { refuse } = deps.fetch;
  // The error handler does not get the request. An invalid URL fails synchronously, so the current request is remembered.
  let currentRequest: IncomingMessage | undefined;
  const handleRequest = getRequestListener(deps.fetch as Parameters<typeof getRequestListener>[0], {
    errorHandler: () => refuseTarget(refuse, currentRequest),
  }) as Listener;
  const listener: Listener = (incoming, outgoing) => {
    currentRequest = incoming;
    handleRequest(incoming, outgoing);
    currentRequest = undefined;
  };
  let { ticketKey } = deps.tls;
  const context = ({ certificate, privateKey }: Pick<TlsFiles, 'certificate' | 'privateKey'>) => ({
    cert: certificate,
    key: privateKey.reveal(),
    // An empty list trusts nobody; without the option the system's roots would be trusted.
    ca: [...deps.tls.clientCas],
    minVersion: 'TLSv1.2' as const,
    ciphers: CIPHERS,
    // After a renegotiation the peer may differ from the verified one (RFC 5746 binds both handshakes, but not the identity).
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    sessionTimeout: SESSION_SECONDS,
    ...(ticketKey === undefined ? {} : { ticketKeys: ticketKey }),
  });
  const trust = readClientTrust(deps.tls.clientCas);
  const guards: ResumptionGuard[] = [];
  const make = (ServerResponse: GracefulStop['ServerResponse']): HttpsServer => {
    const server = createServer({
      ...context(deps.tls),
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: limits.handshake,
      connectionsCheckingInterval: limits.check,
      maxHeaderSize: 16 * 1024,
      noDelay: true,
      // Node's own response has no body; see unreadable.ts.
      requireHostHeader: false,
      ServerResponse,
    });
    setSecureContext(server, context(deps.tls));
    server.on('secureConnection', (socket) => admitPeer(socket, trust));
    server.on('tlsClientError', (_, socket) => socket.destroy());
    // Without trust anchors no client certificate is accepted, so that no session carries a valid one.
    if (deps.tls.clientCas.length > 0) {
      const isAcceptable = (certificate: X509Certificate) => trust.stillAccepts(certificate, Date.now());
      guards.push(guardResumption(server, limits.handshake, isAcceptable));
    }
    configureServer(server, listener, refuse, limits);
    return server;
  };
  const { addresses, close, servers } = await listenAll(make, deps.addresses, limits);
  return {
    addresses,
    close: async () => {
      for (const guard of guards) guard.close();
      await close();
    },
    renew: (identity) => {
      for (const server of servers) setSecureContext(server, context(identity));
    },
    setTicketKey: (key) => {
      ticketKey = key;
      for (const server of servers) server.setTicketKeys(key);
    },
  };
}

/** Listens with plain HTTP for `/health`, which checks database and vault; every other path is an empty 404. */
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
  const make = (ServerResponse: GracefulStop['ServerResponse']) =>
    configureServer(createPlainServer({ ...options, ServerResponse }), answer, () => undefined, limits);
  return listenAll(make, [deps.address], limits);
}
