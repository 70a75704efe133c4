/** The per-request environment of the Hono apps. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from 'hono';
import type { ClientAddress } from './client-address.ts';

interface RequestInfo {
  /** Request id (request-id.ts) for logs, audit records and `X-Correlation-Id`. */
  readonly id: string;
  /** `performance.now()` at the start. */
  readonly startedAt: number;
  /** Path as it was sent, without the query. */
  readonly path: string;
  readonly client: ClientAddress;
}

/** `incoming` and `outgoing` are Node's objects; absent when a test calls `app.request()` without a socket. */
export interface ServerBindings {
  readonly incoming?: IncomingMessage | undefined;
  readonly outgoing?: ServerResponse | undefined;
  readonly request: RequestInfo;
}

export interface ServerEnv<Variables extends object = Record<never, never>> {
  Bindings: ServerBindings;
  Variables: Variables;
}

/** Returns a header by its lower-case name. Node joins repeated headers, and uses the first of a repeated Authorization. */
export function headerOf<Env extends ServerEnv>(c: Context<Env>, name: string): string | undefined {
  const { incoming } = c.env as ServerBindings;
  if (incoming === undefined) return c.req.header(name);
  const value = incoming.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
