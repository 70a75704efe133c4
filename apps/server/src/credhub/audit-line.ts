/** Writes the CEF line of a request after its response (docs/reference/credhub-server.md#audit-log). */
import type { Clock, Level } from '@credplex/core';
import type { Context as HonoContext } from 'hono';
import { cefLines, type LineSink } from '../audit.ts';
import { headerOf } from '../http-env.ts';
import type { CredhubEnv } from './context.ts';

/** Paths that are never audited. */
const UNAUDITED_PATHS = new Set(['/info', '/health', '/version', '/api/v1/key-usage']);

export function createAuditLine(deps: { sink: LineSink; level: Level; clock: Clock; reads: boolean }) {
  return (c: HonoContext<CredhubEnv>, path: string): void => {
    const principal = c.get('principal');
    const { method } = c.req;
    if (principal?.actor === undefined || UNAUDITED_PATHS.has(path)) return;
    if (!deps.reads && (method === 'GET' || method === 'HEAD')) return;
    const { incoming, request } = c.env;
    const trace = c.get('trace');
    deps.sink.write(
      cefLines(deps.level.reportedVersion, {
        at: deps.clock.now(),
        method,
        path,
        pathAndQuery: incoming?.url ?? c.req.url,
        status: c.res.status,
        actor: principal.actor,
        userName: principal.displayName,
        mechanism: principal.mechanism,
        source: request.client.address,
        // The host name without its port (docs/reference/credhub-server.md#audit-log).
        destination: (headerOf(c, 'host') ?? '').replace(/:\d+$/, ''),
        action: trace.action,
        resources: trace.resources,
        details: trace.details === null ? null : JSON.stringify(trace.details),
      }),
    );
  };
}
