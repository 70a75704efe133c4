/** What travels with one request through the Hono apps. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from 'hono';
import type { ClientAddress } from './client-address.ts';

interface RequestInfo {
  /** Of request-id.ts: in logs, audit records and `X-Correlation-Id`. */
  readonly id: string;
  /** `performance.now()` at the start. */
  readonly startedAt: number;
  /** As it was sent, without the query. */
  readonly path: string;
  readonly client: ClientAddress;
}

/** `incoming` and `outgoing` are Node's; absent when a test calls `app.request()` without a socket. */
export interface ServerBindings {
  readonly incoming?: IncomingMessage | undefined;
  readonly outgoing?: ServerResponse | undefined;
  readonly request: RequestInfo;
}

export interface ServerEnv<Variables extends object = Record<never, never>> {
  Bindings: ServerBindings;
  Variables: Variables;
}

/** A header by its name in small letters, as Node joins repeated ones; of a repeated Authorization the first counts. */
export function headerOf<Env extends ServerEnv>(c: Context<Env>, name: string): string | undefined {
  const { incoming } = c.env as ServerBindings;
  if (incoming === undefined) return c.req.header(name);
  const value = incoming.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
