/**
 * CredHub's API as a Hono app: authentication, routes, responses and audit lines. It also answers all paths of no other API,
 * including unknown routes.
 */
import { type CredhubRoutes, credhubAt } from '@credplex/contract';
import { CredError, type JsonNode, type Level } from '@credplex/core';
import { Hono, type Context as HonoContext } from 'hono';
import type { LineSink } from '../audit.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Principal } from '../auth/principal.ts';
import { AuthRefused } from '../auth/refusal.ts';
import { type BodyBudget, createBodyBudget } from '../body-budget.ts';
import type { Config } from '../config.ts';
import { headerOf } from '../http-env.ts';
import { mountTree } from '../mount.ts';
import type { Runtime } from '../runtime.ts';
import { type CheckAnswer, createAnswers } from './answer.ts';
import { createAuditLine } from './audit-line.ts';
import { bulkHandlers } from './bulk.ts';
import { certificateHandlers } from './certificates.ts';
import type { CredhubContext, CredhubEnv } from './context.ts';
import { dataHandlers } from './data.ts';
import { credhubDialect } from './dialect.ts';
import { permissionHandlers } from './permissions.ts';
import { createServerMode, type ServerMode } from './server-mode.ts';
import { serviceHandlers } from './service.ts';
import { createLargeRequests } from './threads/large-requests.ts';

export interface CredhubDeps {
  readonly runtime: Pick<
    Runtime,
    'config' | 'storage' | 'level' | 'credentials' | 'certificates' | 'permissions' | 'clock' | 'logger'
  >;
  readonly authenticate: Authenticate;
  readonly audit: LineSink;
  /** URL for logins in `/info`; empty without OAuth. */
  readonly authServerUrl: string;
  /** Read-only mode. Default: that of a server with one process. */
  readonly mode?: ServerMode;
  /** For tests: checks every response against its schema. */
  readonly checkAnswer?: CheckAnswer;
  /** Memory budget of request bodies. Default: a budget of `limits.bodies_in_flight`. */
  readonly bodies?: BodyBudget;
  /** Separate budget of large responses, so that slow uploads do not block reads. Default: as for bodies. */
  readonly largeAnswers?: BodyBudget;
}

/** Returns the routes; without `management.local_endpoint` its path is an unknown route. */
function servedRoutes({ management }: Pick<Config, 'management'>, level: Level): CredhubRoutes {
  const routes = credhubAt(level);
  if (management.local_endpoint) return routes;
  const { getManagement: _, setManagement: __, ...others } = routes;
  return others as CredhubRoutes;
}

/** Includes the optional docs page of CredHub, which Credplex does not have: it is 404 without authentication. */
function openPathsOf(routes: CredhubRoutes): ReadonlySet<string> {
  return new Set([
    '/docs/index.html',
    ...Object.values(routes)
      .filter(({ auth }) => auth === 'open')
      .map(({ path }) => path),
  ]);
}
const METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** Paths that CredHub's firewall refuses before all other checks (docs/reference/credhub-server.md#http). */
const FORBIDDEN_PATH = /\/\/|[;\\]|\/\.\.?(?:\/|$)|%(?:5c|2e|3b|25|0[0ad])/i;
/** Targets that are refused before authentication: an encoded slash in the path, and `#` (RFC 3986, 3.5). */
function isUnreadable(path: string, target: string | undefined): boolean {
  return /%2f/i.test(path) || target?.includes('#') === true;
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

export function credhubApp({
  runtime,
  authenticate,
  audit,
  authServerUrl,
  mode = createServerMode(),
  checkAnswer,
  ...budgets
}: CredhubDeps): Hono<CredhubEnv> {
  const { level, config, logger, clock } = runtime;
  const { bodies_in_flight: capacity } = config.limits;
  const { bodies = createBodyBudget(capacity), largeAnswers = createBodyBudget(capacity) } = budgets;
  const jsonLimits = { nodes: config.limits.json_nodes };
  const routes = servedRoutes(config, level);
  const openPaths = openPathsOf(routes);
  const answers = createAnswers({ level, publicUrl: config.public_url, logger, check: checkAnswer });
  const auditLine = createAuditLine({ sink: audit, level, clock, reads: config.audit.reads });
  const app = new Hono<CredhubEnv>({ strict: false });

  const respondWithError = (error: unknown, c: HonoContext<CredhubEnv>): Response => {
    if (error instanceof CredError && error.code === 'method_not_allowed' && c.req.method === 'OPTIONS') {
      if (mode.readOnly) return respondWithError(new CredError('read_only_mode'), c);
      return answers.allow([...(error.args.allow ?? '').split(','), 'OPTIONS'].sort().join(','));
    }
    return answers.error(error, { id: c.env.request.id, path: c.req.path, routeId: c.get('routeId') });
  };

  app.onError(respondWithError);
  app.notFound((c) => {
    const isReadOnly = mode.readOnly && c.req.method !== 'GET';
    return respondWithError(new CredError(isReadOnly ? 'read_only_mode' : 'route_not_found'), c);
  });

  const requireAccess = (c: HonoContext<CredhubEnv>, principal: Principal | undefined): void => {
    c.set('principal', principal);
    if (openPaths.has(withoutSlash(c.req.path))) return;
    if (principal === undefined) throw new AuthRefused({ kind: 'access_denied' });
    if (!principal.hasRequiredScopes) throw new AuthRefused({ kind: 'insufficient_scope' });
  };
  const admit = (c: HonoContext<CredhubEnv>): void | Promise<void> => {
    const identified = authenticate(headerOf(c, 'authorization'), c.env.incoming);
    // Synchronous for a cached token, which saves a turn of the event loop.
    if (!(identified instanceof Promise)) return requireAccess(c, identified);
    return identified.then((principal) => requireAccess(c, principal));
  };

  app.use('*', async (c, next) => {
    const { request } = c.env;
    c.set('trace', { action: null, resources: [], details: null });
    if (isUnreadable(request.path, c.env.incoming?.url)) throw new CredError('bad_request');
    if (FORBIDDEN_PATH.test(request.path) || !METHODS.has(c.req.method)) {
      throw new AuthRefused({ kind: 'access_denied' });
    }
    const waiting = admit(c);
    if (waiting !== undefined) await waiting;
    await next();
    const path = withoutSlash(c.req.path);
    auditLine(c, path);
    // For finding slow requests; the record of a request is its audit line.
    if (logger.isLevelEnabled('debug')) {
      const { id, startedAt } = c.env.request;
      const ms = Math.round(performance.now() - startedAt);
      logger.debug({ request_id: id, method: c.req.method, path, status: c.res.status, ms }, 'request');
    }
  });

  mountTree<CredhubRoutes, CredhubContext, JsonNode, CredhubEnv>(
    app,
    routes,
    {
      ...serviceHandlers({
        credentials: runtime.credentials,
        level,
        mode,
        authServerUrl,
        publicUrl: config.public_url,
      }),
      ...dataHandlers(runtime),
      ...bulkHandlers({ credentials: runtime.credentials, maxBytes: config.limits.body }),
      ...certificateHandlers(runtime),
      ...permissionHandlers(runtime),
    },
    credhubDialect({
      answers,
      mode,
      bodyLimit: config.limits.body,
      bodies,
      largeAnswers,
      admit,
      jsonLimits,
      largeRequests: createLargeRequests(runtime, jsonLimits),
    }),
  );
  return app;
}
