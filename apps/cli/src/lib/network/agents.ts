import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import { type ProxyServer, proxyFor } from './proxy.ts';
import { certificatesIn, systemAuthorities } from './trust.ts';

export interface AgentOptions {
  /** `given`: only `ca` is trusted; `system`: the system's authorities as well. */
  readonly trust: 'given' | 'system';
  readonly ca: readonly string[];
  readonly insecure: boolean;
  readonly proxy: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The connection settings of one target: a reusable agent, additional headers, and the function that opens requests.
 */
export interface Route {
  readonly agent: Agent;
  readonly headers: Readonly<Record<string, string>>;
  readonly request: (options: RequestOptions, onAnswer: (incoming: IncomingMessage) => void) => ClientRequest;
}

type Open = typeof import('node:http').request;

/** What is made once for all requests of a kind: the agent that holds the open connections, and Node's way to ask. */
interface Kept {
  readonly agent: Agent;
  readonly open: Open;
}

const kept = new Map<string, Promise<Kept>>();

/** Closes all idle connections, so that the process can exit immediately. */
export function closeConnections(): void {
  for (const one of kept.values()) {
    one.then(
      ({ agent }) => agent.destroy(),
      () => undefined,
    );
  }
  kept.clear();
}

/** @throws whatever reading the system's authorities or the proxy's address throws. */
export async function agentFor(url: URL, options: AgentOptions): Promise<Route> {
  const proxy = proxyFor(url, options.env, options.proxy);
  const { trust, ca, insecure, env } = options;
  const key = JSON.stringify([url.protocol, trust, ca, insecure, env.SSL_CERT_FILE, proxy]);
  let one = kept.get(key);
  if (one === undefined) {
    one = url.protocol === 'https:' ? keepSecure(options, proxy) : keepPlain(options, proxy);
    kept.set(key, one);
    one.catch(() => kept.delete(key));
  }
  const { agent, open } = await one;
  if (url.protocol === 'https:' || !takesAbsoluteForm(proxy)) {
    const target = targetOf(url);
    return { agent, headers: {}, request: (given, onAnswer) => open({ ...given, ...target }, onAnswer) };
  }
  // RFC 9112, section 3.2.2: a proxy for plain HTTP takes the absolute form of the target.
  const way = { host: proxy.host, port: proxy.port, path: url.href };
  return {
    agent,
    headers: proxy.authorization === undefined ? {} : { 'Proxy-Authorization': proxy.authorization },
    request: (given, onAnswer) => open({ ...given, ...way }, onAnswer),
  };
}

function takesAbsoluteForm(proxy: ProxyServer | undefined): proxy is ProxyServer {
  return proxy?.kind === 'http' || proxy?.kind === 'https';
}

/** Options parsed once from the URL, because a command may send ten thousand requests. */
function targetOf(url: URL): import('node:https').RequestOptions {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    protocol: url.protocol,
    host,
    port: url.port || (url.protocol === 'https:' ? 443 : 80),
    path: url.pathname + url.search,
    servername: isIP(host) === 0 ? host : '',
    ...(url.username === '' ? {} : { auth: `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` }),
  };
}

/** All that tells connections of one agent apart; Node's own name also joins every option of TLS. */
function nameOf(given: RequestOptions = {}): string {
  return `${given.host}:${given.port}`;
}

const KEEP = { keepAlive: true, maxSockets: 16, scheduling: 'lifo' } as const;

async function keepPlain(options: AgentOptions, proxy: ProxyServer | undefined): Promise<Kept> {
  const http = await import('node:http');
  const agent = new http.Agent(KEEP);
  agent.getName = nameOf;
  if (proxy?.kind === 'https') await connectSecurely(agent, proxy, await trustOf(options));
  else if (proxy !== undefined && proxy.kind !== 'http') await tunnelThrough(agent, proxy, {});
  return { agent, open: http.request };
}

async function keepSecure(options: AgentOptions, proxy: ProxyServer | undefined): Promise<Kept> {
  const [https, trust] = await Promise.all([import('node:https'), trustOf(options)]);
  const agent = new https.Agent({ ...KEEP, ALPNProtocols: ['http/1.1'], ...trust });
  agent.getName = nameOf;
  if (proxy !== undefined) await tunnelThrough(agent, proxy, trust);
  return { agent, open: https.request };
}

/** Whom TLS trusts, as a context of our own: the agent would join all PEM texts into the name of its pool for each request. */
async function trustOf(options: AgentOptions): Promise<ConnectionOptions> {
  const tls = await import('node:tls');
  const given = options.ca.flatMap(certificatesIn);
  const ca = options.trust === 'given' ? given : [...given, ...(await systemAuthorities(options.env))];
  const secureContext = tls.createSecureContext({
    minVersion: 'TLSv1.2',
    // As Go's crypto/x509: every given certificate is a trust anchor, an intermediate or the server's own as well.
    ...(options.insecure ? {} : { ca, allowPartialTrustChain: true }),
  });
  return { secureContext, ...(options.insecure ? { rejectUnauthorized: false } : {}) };
}

type Done = (error: Error | null, stream?: Duplex) => void;

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Lets an agent of plain http connect to a proxy over TLS. */
async function connectSecurely(agent: Agent, proxy: ProxyServer, trust: ConnectionOptions): Promise<void> {
  const { connectToProxy } = await import('./tunnel.ts');
  const connect = (_: unknown, done: Done): void => {
    connectToProxy(proxy, trust).then(
      (socket) => done(null, socket),
      (error: unknown) => done(toError(error)),
    );
  };
  Object.defineProperty(agent, 'createConnection', { value: connect });
}

/** Replaces the agent's way of connecting: a stream through the proxy, and TLS on top of it for https. */
async function tunnelThrough(agent: Agent, proxy: ProxyServer, trust: ConnectionOptions): Promise<void> {
  const { openTunnel } = await import('./tunnel.ts');
  const tls = await import('node:tls');
  const connect = (options: Record<string, unknown>, done: Done): void => {
    const host = String(options.host);
    const port = Number(options.port);
    openTunnel(proxy, { host, port }, trust).then(
      (socket) => {
        if (options.protocol !== 'https:') {
          done(null, socket);
          // The handshake with the proxy left it paused; the request adds its listener before data flows.
          socket.resume();
          return;
        }
        const secure = tls.connect({ ...options, socket, path: undefined } as ConnectionOptions);
        const onError = (error: Error): void => done(error);
        secure.once('error', onError);
        secure.once('secureConnect', () => {
          secure.off('error', onError);
          done(null, secure);
        });
      },
      (error: unknown) => done(toError(error)),
    );
  };
  Object.defineProperty(agent, 'createConnection', { value: connect });
}
