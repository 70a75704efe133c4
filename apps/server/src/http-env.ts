/** What travels with one request through the Hono apps. */
import type { IncomingMessage, ServerResponse } from 'node:http';

interface RequestInfo {
  /** Random UUID: in logs, audit records and `X-Correlation-Id`. */
  readonly id: string;
  /** `performance.now()` at the start. */
  readonly startedAt: number;
}

/** `incoming` and `outgoing` are Node's; absent when a test calls `app.request()` without a socket. */
export interface ServerBindings {
  readonly incoming?: IncomingMessage;
  readonly outgoing?: ServerResponse;
  readonly request: RequestInfo;
}

export interface ServerEnv<Variables extends object = Record<never, never>> {
  Bindings: ServerBindings;
  Variables: Variables;
}
