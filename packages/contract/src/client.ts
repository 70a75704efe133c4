/**
 * A typed client over any transport. Routes are named by method and path (`'GET /v1/clouds/{id}'`) and their types come
 * from the tables by `import type`, so that a command line which uses it loads neither zod nor a route table.
 */
import type { z } from 'zod';
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
  readonly text: string;
}

/** Sends one request and gives back whatever was answered; throws only when there was no answer. */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>;

type KeyOf<R> = R extends { readonly method: infer M extends string; readonly path: infer P extends string }
  ? `${M} ${P}`
  : never;
type ByKey<T extends Routes> = { [R in T[keyof T] as KeyOf<R>]: R };
type RouteAt<T extends Routes, K extends keyof ByKey<T>> = Extract<ByKey<T>[K], RouteSpec>;

type Sent<R, Key extends string> = R extends Readonly<Record<Key, infer S extends z.ZodType>> ? z.input<S> : never;

type ParamsPart<R extends RouteSpec> = [PathNames<R['path']>] extends [never]
  ? { readonly params?: undefined }
  : { readonly params: Readonly<Record<PathNames<R['path']>, string>> };
type QueryPart<R extends RouteSpec> =
  R extends Readonly<Record<'query', infer Q extends QuerySpec>>
    ? Record<never, never> extends QueryInput<Q>
      ? { readonly query?: QueryInput<Q> }
      : { readonly query: QueryInput<Q> }
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

type ResponseMeta = Pick<TransportResponse, 'header' | 'text'>;
/** One member per declared status; `body` is what `JSON.parse` gives, not checked again. */
export type CallReply<R extends RouteSpec> = {
  [S in keyof R['responses'] & number]: ResponseMeta & {
    readonly status: S;
    readonly body: R['responses'][S] extends z.ZodType ? z.output<R['responses'][S]> : undefined;
  };
}[keyof R['responses'] & number];

export type Client<T extends Routes> = <K extends keyof ByKey<T> & string>(
  key: K,
  ...input: Record<never, never> extends CallInput<RouteAt<T, K>>
    ? [input?: CallInput<RouteAt<T, K>>]
    : [input: CallInput<RouteAt<T, K>>]
) => Promise<CallReply<RouteAt<T, K>>>;

interface LooseInput {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `{name}` filled in and the query appended; texts are percent-encoded, `undefined` values left out. */
export function target(path: string, params: LooseInput['params'] = {}, query: LooseInput['query'] = {}): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join('&');
  return search === '' ? filled : `${filled}?${search}`;
}

/** `createClient<typeof plexsphere>(transport)`; calls resolve for every status, declared or not. */
export function createClient<T extends Routes>(transport: Transport): Client<T> {
  const call = async (key: string, input: LooseInput = {}) => {
    const space = key.indexOf(' ');
    const hasBody = input.body !== undefined;
    const response = await transport({
      method: key.slice(0, space),
      target: target(key.slice(space + 1), input.params, input.query),
      headers: { ...(hasBody ? { 'content-type': 'application/json' } : {}), ...input.headers },
      ...(hasBody ? { body: JSON.stringify(input.body) } : {}),
    });
    const isJson = /[/+]json\b/.test(response.header('content-type') ?? '');
    return {
      status: response.status,
      body: isJson && response.text !== '' ? (JSON.parse(response.text) as unknown) : undefined,
      text: response.text,
      header: (name: string) => response.header(name),
    };
  };
  return call as unknown as Client<T>;
}
