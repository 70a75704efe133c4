/**
 * Routes as plain data: one table per API, shared by the server (which mounts it), the clients (which call it) and the
 * OpenAPI document (which is written from it). Nothing here does work at run time.
 */
import type * as z from 'zod';
import type { QuerySpec, QueryValues } from './query.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** `open`: no identity needed. `session`: any authenticated caller; what it may do is the handler's or the authorise hook's business. */
export type Auth = 'open' | 'session';

export interface BodyReading {
  /** A fault of a field is named before a fault of the JSON text behind it. The handler reads every field of the body. */
  readonly namesFieldsFirst?: boolean;
  /** Lone surrogates stay as they are, because the body is answered and not stored. */
  readonly keepsSurrogates?: boolean;
  /** `application/json` alone is a content type; absent: `application/*+json` is one too. */
  readonly onlyPlainJson?: boolean;
}

export interface RouteSpec {
  /** operationId; equal to the key of the route in its table. */
  readonly id: string;
  readonly method: Method;
  /** `{name}` stands for exactly one path segment, percent-decoded. */
  readonly path: `/${string}`;
  readonly summary: string;
  /** What a client should know beyond the summary, in sentences. */
  readonly description: string;
  readonly auth: Auth;
  /** Without it each path parameter is any text. */
  readonly params?: z.ZodObject;
  /** Each parameter has a codec from the texts of the request to its value (`query.ts`). */
  readonly query?: QuerySpec;
  readonly body?: z.ZodType;
  /** The body may be left out. */
  readonly bodyOptional?: boolean;
  /** CredHub: how the text of the body is read; absent: as one JSON text. */
  readonly bodyReading?: BodyReading;
  /** Every status the route answers on purpose; `null`: an empty body. */
  readonly responses: Readonly<Record<number, z.ZodType | null>>;
}

export type Routes = Readonly<Record<string, RouteSpec>>;

/** Types one route exactly: its path, its statuses, its schemas. */
export function route<const R extends RouteSpec>(spec: R): R {
  return spec;
}

/** A table of routes; does not compile when a key and the `id` under it differ. */
export function routes<const T extends { readonly [K in keyof T]: RouteSpec & { readonly id: K } }>(table: T): T {
  return table;
}

/** The names in `{}` of a path. */
export type PathNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathNames<Rest>
  : never;

type OptionalPart<R, Key extends string, Absent> =
  R extends Readonly<Record<Key, infer S extends z.ZodType>> ? z.output<S> : Absent;

/** Path parameters as a handler gets them: parsed, or texts where the route has no schema for them. */
export type ParamsOf<R extends RouteSpec> = OptionalPart<R, 'params', Readonly<Record<PathNames<R['path']>, string>>>;
export type QueryOf<R extends RouteSpec> =
  R extends Readonly<Record<'query', infer Q extends QuerySpec>> ? QueryValues<Q> : Readonly<Record<never, string>>;
export type BodyOf<R extends RouteSpec> = R extends { readonly bodyOptional: true }
  ? OptionalPart<R, 'body', undefined> | undefined
  : OptionalPart<R, 'body', undefined>;

/** What a route may answer: one member per declared status. */
export type ReplyOf<R extends RouteSpec> = {
  [S in keyof R['responses'] & number]: R['responses'][S] extends z.ZodType
    ? {
        readonly status: S;
        readonly body: z.input<R['responses'][S]>;
        readonly headers?: Readonly<Record<string, string>>;
      }
    : { readonly status: S; readonly body?: undefined; readonly headers?: Readonly<Record<string, string>> };
}[keyof R['responses'] & number];

export interface HandlerInput<R extends RouteSpec, Context> {
  readonly params: ParamsOf<R>;
  readonly query: QueryOf<R>;
  readonly body: BodyOf<R>;
  readonly context: Context;
}

/** A handler for every route: a missing one, or an answer that the route does not declare, does not compile. */
export type Handlers<T extends Routes, Context> = {
  readonly [K in keyof T]: (input: HandlerInput<T[K], Context>) => Promise<ReplyOf<T[K]>>;
};

/** Runs after params and query are parsed and before a byte of the body is read; throws to refuse. */
export type AuthoriseHooks<T extends Routes, Context> = {
  readonly [K in keyof T]?: (input: Omit<HandlerInput<T[K], Context>, 'body'>) => Promise<void>;
};

/**
 * An answer whose body is JSON text already (CredHub: stored texts are spliced in, never parsed again), or a stream of
 * pieces of it, bytes in UTF-8. `null`: no body.
 */
export interface TextReply {
  readonly status: number;
  readonly json: string | AsyncIterable<string | Uint8Array> | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Like {@link Handlers} for an API that keeps bodies as a tree of its own (`Tree`) and answers texts. */
export type TreeHandlers<T extends Routes, Context, Tree> = {
  readonly [K in keyof T]: (input: {
    readonly params: ParamsOf<T[K]>;
    readonly query: QueryOf<T[K]>;
    readonly body: T[K] extends { readonly body: z.ZodType }
      ? T[K] extends { readonly bodyOptional: true }
        ? Tree | undefined
        : Tree
      : undefined;
    readonly context: Context;
  }) => Promise<TextReply>;
};
