/**
 * Plexsphere's API as a Hono app: `/v1` and `/readyz`. Unknown routes and unsupported operations of v1 also get problem
 * responses.
 */
import { randomUUID } from 'node:crypto';
import { type PlexsphereRoutes, plexsphere } from '@credplex/contract';
import { authenticateToken, type BrokerDeps, CredError, type ErrorCode } from '@credplex/core';
import { Hono, type Context as HonoContext, type MiddlewareHandler } from 'hono';
import type { Api } from '../app.ts';
import { BodyAborted } from '../body.ts';
import type { Logger } from '../logger.ts';
import { mount, toHonoPath } from '../mount.ts';
import type { Refuse } from '../unreadable.ts';
import { authHandlers } from './auth.ts';
import { authzHandlers } from './authz.ts';
import { credentialHandlers, credentialHooks } from './cloud-credentials.ts';
import { cloudHandlers, cloudHooks } from './clouds.ts';
import type { PlexsphereContext, PlexsphereEnv } from './context.ts';
import { plexsphereDialect } from './dialect.ts';
import { type MetaDeps, metaHandlers } from './meta.ts';
import { needsAdministrator, problemOf } from './problems.ts';

export interface PlexsphereDeps {
  readonly broker: BrokerDeps;
  readonly meta: MetaDeps;
  readonly logger: Logger;
  /** For tests: checks responses against their schemas. */
  readonly checkAnswers?: boolean;
}

const PLEXSPHERE_PREFIXES = ['/v1', '/readyz'] as const;

/** RFC 6750, section 2.1. */
function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(authorization ?? '')?.[1];
}

function plexsphereApp(deps: PlexsphereDeps): Hono<PlexsphereEnv> {
  const { broker, logger } = deps;
  const app = new Hono<PlexsphereEnv>();

  const respondWithError = (error: unknown, c: HonoContext<PlexsphereEnv>): Response => {
    const { id } = c.env.request;
    if (error instanceof BodyAborted) return new Response(null, { status: 400 });
    const known = error instanceof CredError ? error : undefined;
    const problem = problemOf(known, { path: c.env.request.path, id });
    if (problem.status >= 500) logger.error({ err: error, request_id: id, path: c.req.path }, problem.code);
    const headers = new Headers({ 'content-type': 'application/problem+json' });
    if (problem.status === 401) headers.set('www-authenticate', 'Bearer');
    if (problem.status === 503 && !needsAdministrator(known)) headers.set('retry-after', '1');
    if (known?.code === 'method_not_allowed') headers.set('allow', known.args.allow ?? '');
    return new Response(JSON.stringify(problem), { status: problem.status, headers });
  };
  app.onError(respondWithError);
  app.notFound((c) => respondWithError(new CredError('route_not_found'), c));

  app.use('*', async (c, next) => {
    await next();
    const { id, startedAt } = c.env.request;
    c.header('X-Correlation-Id', id);
    c.header('Cache-Control', 'no-store');
    const ms = Math.round(performance.now() - startedAt);
    logger.info({ request_id: id, method: c.req.method, path: c.req.path, status: c.res.status, ms }, 'request');
  });

  const admit = async (c: HonoContext<PlexsphereEnv>): Promise<void> => {
    const token = bearerToken(c.req.header('authorization'));
    if (token === undefined) throw new CredError('unauthenticated');
    c.set('actor', await authenticateToken(broker, token));
  };
  const authenticate: MiddlewareHandler<PlexsphereEnv> = async (c, next) => {
    await admit(c);
    await next();
  };
  for (const spec of Object.values(plexsphere))
    if (spec.auth === 'session') app.on(spec.method, toHonoPath(spec.path), authenticate);

  mount<PlexsphereRoutes, PlexsphereContext, PlexsphereEnv>(
    app,
    plexsphere,
    {
      ...metaHandlers(deps.meta),
      ...authHandlers(broker),
      ...authzHandlers(broker),
      ...cloudHandlers(broker),
      ...credentialHandlers(broker),
    },
    plexsphereDialect({ checkAnswers: deps.checkAnswers === true, admit }),
    { authorise: { ...cloudHooks(broker), ...credentialHooks(broker) } },
  );
  return app;
}

const UNREADABLE: Readonly<Record<number, ErrorCode>> = {
  400: 'malformed_request',
  408: 'request_timeout',
  413: 'request_body_too_large',
  501: 'not_implemented',
};

/** Renders problems for requests that do not reach the app, each with a new correlation id. */
function createRefuse({ logger }: PlexsphereDeps): Refuse {
  return (status, path) => {
    const code = UNREADABLE[status];
    if (code === undefined) return undefined;
    const id = randomUUID();
    const problem = problemOf(new CredError(code), { path, id });
    logger.info({ request_id: id, path, status }, 'unreadable request');
    return {
      headers: { 'Content-Type': 'application/problem+json', 'X-Correlation-Id': id, 'Cache-Control': 'no-store' },
      text: JSON.stringify(problem),
    };
  };
}

/** Returns Plexsphere's entry in the server's list of APIs. */
export function plexsphereApi(deps: PlexsphereDeps): Api {
  return {
    prefixes: PLEXSPHERE_PREFIXES,
    app: plexsphereApp(deps) as unknown as Api['app'],
    refuse: createRefuse(deps),
  };
}
