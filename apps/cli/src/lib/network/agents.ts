import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { Duplex } from 'node:stream';
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

/** How to reach one target: a kept agent, headers that the way there needs, and the function that opens a request. */
export interface Route {
  readonly agent: Agent;
  readonly headers: Readonly<Record<string, string>>;
  readonly request: (options: RequestOptions, onAnswer: (incoming: IncomingMessage) => void) => ClientRequest;
}

// Agents hold the open connections, so that a command's requests to one server share them.
const agents = new Map<string, Promise<Agent>>();

/** Ends all kept connections, so that a program can end at once. */
export function closeConnections(): void {
  for (const agent of agents.values()) {
    agent.then(
      (made) => made.destroy(),
      () => undefined,
    );
  }
  agents.clear();
}

/** @throws whatever reading the system's authorities or the proxy's address throws. */
export async function agentFor(url: URL, options: AgentOptions): Promise<Route> {
  const proxy = proxyFor(url, options.env, options.proxy);
  const { trust, ca, insecure, env } = options;
  const key = JSON.stringify([url.protocol, trust, ca, insecure, env.SSL_CERT_FILE, proxy]);
  let agent = agents.get(key);
  if (agent === undefined) {
    agent = makeAgent(url, options, proxy);
    agents.set(key, agent);
    agent.catch(() => agents.delete(key));
  }
  const made = await agent;
  if (url.protocol === 'https:') {
    const { request } = await import('node:https');
    return { agent: made, headers: {}, request: (given, onAnswer) => request(url, given, onAnswer) };
  }
  const { request } = await import('node:http');
  if (proxy?.kind !== 'http') return { agent: made, headers: {}, request: (given, then) => request(url, given, then) };
  // RFC 9112, section 3.2.2: a proxy for plain HTTP takes the absolute form of the target.
  const way = { host: proxy.host, port: proxy.port, path: url.href };
  return {
    agent: made,
    headers: proxy.authorization === undefined ? {} : { 'Proxy-Authorization': proxy.authorization },
    request: (given, onAnswer) => request({ ...given, ...way }, onAnswer),
  };
}

async function makeAgent(url: URL, options: AgentOptions, proxy: ProxyServer | undefined): Promise<Agent> {
  const keep = { keepAlive: true, maxSockets: 16, scheduling: 'lifo' } as const;
  if (url.protocol === 'http:') {
    const http = await import('node:http');
    const agent = new http.Agent(keep);
    if (proxy !== undefined && proxy.kind !== 'http') await tunnelThrough(agent, proxy);
    return agent;
  }
  const https = await import('node:https');
  const given = options.ca.flatMap(certificatesIn);
  const ca = options.insecure
    ? []
    : options.trust === 'given'
      ? given
      : [...given, ...(await systemAuthorities(options.env))];
  const agent = new https.Agent({
    ...keep,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    ...(options.insecure ? { rejectUnauthorized: false } : { ca }),
  });
  if (proxy !== undefined) await tunnelThrough(agent, proxy);
  return agent;
}

/** Replaces the agent's way of connecting: a stream through the proxy, and TLS on top of it for https. */
async function tunnelThrough(agent: Agent, proxy: ProxyServer): Promise<void> {
  const { openTunnel } = await import('./tunnel.ts');
  const tls = await import('node:tls');
  type Done = (error: Error | null, stream?: Duplex) => void;
  const connect = (options: Record<string, unknown>, done: Done): void => {
    const host = String(options.host);
    const port = Number(options.port);
    openTunnel(proxy, { host, port }).then(
      (socket) => {
        if (options.protocol !== 'https:') return done(null, socket);
        const secure = tls.connect({ ...options, socket, path: undefined } as import('node:tls').ConnectionOptions);
        const onError = (error: Error): void => done(error);
        secure.once('error', onError);
        secure.once('secureConnect', () => {
          secure.off('error', onError);
          done(null, secure);
        });
      },
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
    );
  };
  Object.defineProperty(agent, 'createConnection', { value: connect });
}
