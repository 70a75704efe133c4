/**
 * Dispatches requests to the APIs by path prefix. Each API is a Hono app that answers everything below its prefixes, unknown routes
 * included; CredHub's API answers all other paths. The APIs share only the request id.
 */
import type { Hono } from 'hono';
import { hasUnreadBody } from './body.ts';
import { createClientAddress } from './client-address.ts';
import type { ServerBindings, ServerEnv } from './http-env.ts';
import { lingerAfter } from './linger.ts';
import { requestIdOf } from './request-id.ts';
import type { Refuse } from './unreadable.ts';

export interface Fetch {
  (request: Request, bindings: Omit<ServerBindings, 'request'>): Promise<Response>;
  /** Renders the error for input that is not a valid HTTP request. */
  readonly refuse: Refuse;
}

/** An API: its path prefixes and the app that answers them. */
export interface Api {
  /** `/v1` covers `/v1` and all below it. */
  readonly prefixes: readonly string[];
  readonly app: Pick<Hono<ServerEnv>, 'fetch'>;
  /** Renders the error for an invalid HTTP request. Default: CredHub's format. */
  readonly refuse?: Refuse;
}

function isBelow(prefix: string, path: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');
}

/** Returns the path as it was sent. With a socket it is Node's unparsed text, in which `//` and `..` are still visible. */
function rawPath(request: Request, incoming: ServerBindings['incoming']): string {
  const sent = incoming?.url;
  const url = sent?.startsWith('/') === true ? sent : request.url.slice(request.url.indexOf('/', 8));
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  const hash = path.indexOf('#');
  return hash < 0 ? path : path.slice(0, hash);
}

export function createApp(parts: {
  readonly apis: readonly Api[];
  readonly fallback: Api['app'];
  /** Addresses and CIDRs. Default: none. */
  readonly trustedProxies?: readonly string[];
}): Fetch {
  const clientOf = createClientAddress(parts.trustedProxies ?? []);
  const apiOf = (path: string) => parts.apis.find(({ prefixes }) => prefixes.some((prefix) => isBelow(prefix, path)));
  const answer = async (
    request: Request,
    { incoming, outgoing }: Omit<ServerBindings, 'request'>,
  ): Promise<Response> => {
    const path = rawPath(request, incoming);
    const { id, header } = requestIdOf((name) =>
      incoming === undefined ? request.headers.get(name) : incoming.headers[name],
    );
    const bindings: ServerBindings = {
      incoming,
      outgoing,
      request: { id, startedAt: performance.now(), path, client: clientOf(incoming) },
    };
    const response = await (apiOf(path)?.app ?? parts.fallback).fetch(request, bindings);
    if (header !== undefined) response.headers.set(header, id);
    // The error was sent before the body was read, so the rest of the body must not be parsed as the next request.
    if (incoming !== undefined && hasUnreadBody(bindings)) {
      response.headers.set('connection', 'close');
      lingerAfter(incoming);
    }
    return response;
  };
  const refuse: Refuse = (status, path) => apiOf(path)?.refuse?.(status, path);
  return Object.assign(answer, { refuse });
}
