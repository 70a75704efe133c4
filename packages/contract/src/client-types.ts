/** Types of the client: what a call needs and what it gives, inferred from a table of routes. */
import type * as z from 'zod';
import type { QueryInput, QuerySpec } from './query.ts';
import type { PathNames, RouteSpec, Routes } from './route.ts';

export interface TransportRequest {
  readonly method: string;
  /** Path with query, encoded. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface TransportResponse {
  readonly status: number;
  /** Lower-case name; `undefined` when absent. */
  header(name: string): string | undefined;
  /** The body as it was sent, empty when there is none. */
  readonly bytes: Uint8Array;
}

/** Sends one request and gives back whatever was answered; throws only when there was no answer. */
export type Transport<A extends TransportResponse = TransportResponse> = (request: TransportRequest) => Promise<A>;

/** CredHub takes one slash at the end of a path, and its own command line sends it in one request. */
type PathOf<P extends string> = P extends `/api/${string}` ? P | `${P}/` : P;
type KeyOf<R> = R extends { readonly method: infer M extends string; readonly path: infer P extends string }
  ? `${M} ${PathOf<P>}`
  : never;
type ByKey<T extends Routes> = { [R in T[keyof T] as KeyOf<R>]: R };
/** `'GET /v1/clouds/{id}'`: method and path of each route of a table. */
export type RouteKey<T extends Routes> = keyof ByKey<T> & string;
export type RouteAt<T extends Routes, K extends RouteKey<T>> = Extract<ByKey<T>[K], RouteSpec>;

type Sent<R, Key extends string> = R extends Readonly<Record<Key, infer S extends z.ZodType>> ? z.input<S> : never;

/** Integers may also be given as bigint, which has all digits of what a user wrote. */
type QueryValue<V> = number extends V ? V | bigint : V;
type QueryOfCall<Q> = Q extends unknown ? { readonly [K in keyof Q]: QueryValue<Q[K]> } : never;

type ParamsPart<R extends RouteSpec> = [PathNames<R['path']>] extends [never]
  ? { readonly params?: undefined }
  : { readonly params: Readonly<Record<PathNames<R['path']>, string>> };
type QueryPart<R extends RouteSpec> =
  R extends Readonly<Record<'query', infer Q extends QuerySpec>>
    ? Record<never, never> extends QueryInput<Q>
      ? { readonly query?: QueryOfCall<QueryInput<Q>> }
      : { readonly query: QueryOfCall<QueryInput<Q>> }
    : { readonly query?: undefined };
type BodyPart<R extends RouteSpec> = [Sent<R, 'body'>] extends [never]
  ? { readonly body?: undefined }
  : R extends { readonly bodyOptional: true }
    ? { readonly body?: Sent<R, 'body'> }
    : { readonly body: Sent<R, 'body'> };
/** What a call of one route needs. */
export type CallInput<R extends RouteSpec> = ParamsPart<R> &
  QueryPart<R> &
  BodyPart<R> & { readonly headers?: Readonly<Record<string, string>> };

/** The arguments of a call after its key; none where the route needs none. */
export type CallArguments<T extends Routes, K extends RouteKey<T>> =
  Record<never, never> extends CallInput<RouteAt<T, K>>
    ? [input?: CallInput<RouteAt<T, K>>]
    : [input: CallInput<RouteAt<T, K>>];

/** The body that a route takes. */
export type RequestBody<T extends Routes, K extends RouteKey<T>> = Sent<RouteAt<T, K>, 'body'>;

interface ReplyMeta<A extends TransportResponse> {
  /** What the transport gave: the bytes of the body, and whatever else it has. */
  readonly response: A;
  header(name: string): string | undefined;
  /** The body as text. */
  readonly text: string;
}
/**
 * One member per declared status. `body` is parsed when it is first read, so that a caller which reads
 * `response.bytes` alone pays nothing for it.
 */
export type CallReply<R extends RouteSpec, A extends TransportResponse = TransportResponse> = {
  [S in keyof R['responses'] & number]: ReplyMeta<A> & {
    readonly status: S;
    /** What `JSON.parse` gives; undefined where the answer is not JSON. */
    readonly body: R['responses'][S] extends z.ZodType ? z.output<R['responses'][S]> : undefined;
  };
}[keyof R['responses'] & number];

type SuccessStatus = 200 | 201 | 202 | 204;
/** The body of an answer with a status of success. */
export type SuccessBody<Reply> = Reply extends { readonly status: SuccessStatus; readonly body: infer B } ? B : never;
/** The body that a route answers with success. */
export type AnswerBody<T extends Routes, K extends RouteKey<T>> = SuccessBody<CallReply<RouteAt<T, K>>>;

export type Client<T extends Routes, A extends TransportResponse = TransportResponse> = <K extends RouteKey<T>>(
  key: K,
  ...input: CallArguments<T, K>
) => Promise<CallReply<RouteAt<T, K>, A>>;
