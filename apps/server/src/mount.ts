/**
 * Mounts a route table with its handlers on a Hono app. Both APIs depend on this order: params, query, authorise hook, body with its
 * size limit, schema, handler, response. When the body was incomplete at authorisation, the caller is checked again after the body: a
 * slow upload must not outlive a revocation. The dialect of each API defines the errors, and the app's `onError` renders them.
 */
import {
  type AuthoriseHooks,
  type Handlers,
  type RouteSpec,
  type Routes,
  readQuery,
  type TextReply,
  type TreeHandlers,
} from '@credplex/contract';
import { CredError } from '@credplex/core';
import type { Hono, Context as HonoContext } from 'hono';
import type * as z from 'zod';
import { isBodyIncomplete, readBody } from './body.ts';
import { type BodyBudget, releaseAfterAnswer } from './body-budget.ts';
import { headerOf, type ServerEnv } from './http-env.ts';
import { parseQuery } from './query.ts';
import { nextTurn } from './turns.ts';

/** Bodies up to this size are handled in well under a millisecond. */
const SMALL_BODY_BYTES = 16 * 1024;

export interface ZodReply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Dialect<Context, Env extends ServerEnv, Reply> {
  /** Runs first for each route; throws to refuse the request. */
  before?(c: HonoContext<Env>, spec: RouteSpec): void;
  /**
   * Runs after a body that was incomplete when the caller was authorised: throws if the caller is not authorised any more.
   */
  recheckAdmission?(c: HonoContext<Env>, spec: RouteSpec): void | Promise<void>;
  /** Returns further query values from a form body; they are appended to the query. */
  moreQuery?(c: HonoContext<Env>, spec: RouteSpec): Promise<string | undefined> | undefined;
  /** Returns the handler's context, such as the caller and the trace. Runs after authentication. */
  context(c: HonoContext<Env>): Context;
  refuseParams(spec: RouteSpec, issues: readonly z.core.$ZodIssue[]): Error;
  /** Returns the error for an invalid query; `issues` is `undefined` when it is not percent-encoded UTF-8. */
  refuseQuery(spec: RouteSpec, issues: readonly z.core.$ZodIssue[] | undefined): Error;
  /** Whether routes without query parameters also refuse a malformed query. */
  readonly readsEveryQuery: boolean;
  /** Returns the size limit of a body in bytes. */
  bodyLimit(spec: RouteSpec): number;
  /** The memory budget of bodies; absent when this API has no large ones. */
  readonly bodies?: BodyBudget;
  /** Handles a request with a large body in another thread; `undefined`, also as a promise, when it does not apply. */
  handleLarge?(spec: RouteSpec, request: LargeRequest<Context>): Promise<Reply | undefined> | undefined;
  /** Parses the body for the handlers of this API. Throws for an invalid one. Not called for routes without a body. */
  parseBody(spec: RouteSpec, bytes: Uint8Array, contentType: string | undefined): unknown;
  answer(c: HonoContext<Env>, spec: RouteSpec, reply: Reply): Response | Promise<Response>;
}

export interface LargeRequest<Context> {
  readonly params: unknown;
  readonly query: unknown;
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
  readonly context: Context;
}

export interface MountOptions<T extends Routes, Context> {
  readonly authorise?: AuthoriseHooks<T, Context>;
}

type AnyHandler<Context, Reply> = (input: {
  params: unknown;
  query: unknown;
  body: unknown;
  context: Context;
}) => Promise<Reply>;
type AnyHook<Context> = (input: { params: unknown; query: unknown; context: Context }) => Promise<void>;

/** Converts a path such as `/a/{id}` to the syntax of Hono. */
export function toHonoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

function paramsOf<Env extends ServerEnv>(
  c: HonoContext<Env>,
  spec: RouteSpec,
  dialect: Pick<Dialect<never, Env, never>, 'refuseParams'>,
): unknown {
  const texts = c.req.param() as Record<string, string>;
  if (spec.params === undefined) return texts;
  const parsed = spec.params.safeParse(texts);
  if (!parsed.success) throw dialect.refuseParams(spec, parsed.error.issues);
  return parsed.data;
}

function queryOf<Env extends ServerEnv>(
  c: HonoContext<Env>,
  spec: RouteSpec,
  dialect: Pick<Dialect<never, Env, never>, 'refuseQuery' | 'readsEveryQuery'>,
  more: string | undefined,
): unknown {
  if (spec.query === undefined && !dialect.readsEveryQuery) return {};
  const given = parseQuery(c.req.url, more);
  if (given === undefined) throw dialect.refuseQuery(spec, undefined);
  if (spec.query === undefined) return {};
  const read = readQuery(spec.query, given);
  if (!read.success) throw dialect.refuseQuery(spec, read.issues);
  return read.data;
}

function mountRoutes<Context, Env extends ServerEnv, Reply>(
  app: Hono<Env>,
  table: Routes,
  handlers: Readonly<Record<string, AnyHandler<Context, Reply>>>,
  dialect: Dialect<Context, Env, Reply>,
  authorise: Readonly<Record<string, AnyHook<Context> | undefined>>,
): void {
  for (const [id, spec] of Object.entries(table)) {
    const handler = handlers[id];
    if (handler === undefined) throw new TypeError(`no handler for ${id}`);
    const hook = authorise[id];
    app.on(spec.method, toHonoPath(spec.path), async (c) => {
      dialect.before?.(c, spec);
      const params = paramsOf(c, spec, dialect);
      const wasFormIncomplete = isBodyIncomplete(c.env);
      const reading = dialect.moreQuery?.(c, spec);
      const more = reading === undefined ? undefined : await reading;
      if (more !== undefined && wasFormIncomplete) await dialect.recheckAdmission?.(c, spec);
      const query = queryOf(c, spec, dialect, more);
      const context = dialect.context(c);
      if (hook !== undefined) await hook({ params, query, context });
      if (spec.body === undefined)
        return dialect.answer(c, spec, await handler({ params, query, body: undefined, context }));
      const wasIncomplete = isBodyIncomplete(c.env);
      const reservation = dialect.bodies?.open();
      try {
        const bytes = await readBody(c.req.raw, c.env, dialect.bodyLimit(spec), reservation);
        if (wasIncomplete) {
          await dialect.recheckAdmission?.(c, spec);
          if (hook !== undefined) await hook({ params, query, context });
        }
        if (bytes.length > SMALL_BODY_BYTES) await nextTurn();
        const contentType = headerOf(c, 'content-type');
        const large = dialect.handleLarge?.(spec, { params, query, bytes, contentType, context });
        const largeReply = large === undefined ? undefined : await large;
        if (largeReply !== undefined) return await dialect.answer(c, spec, largeReply);
        const body = dialect.parseBody(spec, bytes, contentType);
        return await dialect.answer(c, spec, await handler({ params, query, body, context }));
      } finally {
        if (reservation !== undefined) releaseAfterAnswer(reservation, c.env);
      }
    });
  }
  for (const [path, methods] of methodsByPath(table)) {
    app.all(path, () => {
      throw new CredError('method_not_allowed', { allow: methods.join(',') });
    });
  }
}

function methodsByPath(table: Routes): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const spec of Object.values(table)) {
    const path = toHonoPath(spec.path);
    const methods = found.get(path) ?? [];
    methods.push(spec.method, ...(spec.method === 'GET' ? ['HEAD'] : []));
    found.set(path, methods);
  }
  return found;
}

/** Mounts handlers that get bodies parsed by the route's schema and return values (Plexsphere). */
export function mount<T extends Routes, Context, Env extends ServerEnv>(
  app: Hono<Env>,
  table: T,
  handlers: Handlers<T, Context>,
  dialect: Dialect<Context, Env, ZodReply>,
  options: MountOptions<T, Context> = {},
): void {
  mountRoutes(
    app,
    table,
    handlers as unknown as Record<string, AnyHandler<Context, ZodReply>>,
    dialect,
    (options.authorise ?? {}) as Record<string, AnyHook<Context> | undefined>,
  );
}

/** Mounts handlers that get bodies as a tree and return JSON texts (CredHub). */
export function mountTree<T extends Routes, Context, Tree, Env extends ServerEnv>(
  app: Hono<Env>,
  table: T,
  handlers: TreeHandlers<T, Context, Tree>,
  dialect: Dialect<Context, Env, TextReply>,
): void {
  mountRoutes(app, table, handlers as unknown as Record<string, AnyHandler<Context, TextReply>>, dialect, {});
}
