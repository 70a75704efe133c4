/**
 * A typed client over any transport. Routes are named by method and path (`'GET /v1/clouds/{id}'`) and their types come
 * from the tables by `import type`, so that a command line which uses it loads neither zod nor a route table.
 */
import type { Client, Transport, TransportResponse } from './client-types.ts';
import type { Routes } from './route.ts';

export type * from './client-types.ts';

interface LooseInput {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How a client writes and checks. Each member has a default. */
export interface ClientOptions {
  /** Writes a query. Default: percent-encoded, in the order given. */
  readonly encodeQuery?: (query: Readonly<Record<string, string>>) => string;
  /** Writes a body. Default: `JSON.stringify`. */
  readonly encodeBody?: (body: unknown) => string;
  /** Checks the JSON of an answer when it is read, and throws. Default: an answer is not checked. */
  readonly check?: (answer: { readonly key: string; readonly status: number; readonly body: unknown }) => void;
}

function percentEncoded(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
}

/** `{name}` filled in and the query appended; texts are percent-encoded, `undefined` values left out. */
export function target(
  path: string,
  params: LooseInput['params'] = {},
  query: LooseInput['query'] = {},
  encodeQuery = percentEncoded,
): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const search = encodeQuery(Object.fromEntries(given.map(([name, value]) => [name, String(value)])));
  return search === '' ? filled : `${filled}?${search}`;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The answer with its text and its JSON, each made when it is first read. */
function replyOf(key: string, response: TransportResponse, check: ClientOptions['check']) {
  const { status } = response;
  let text: string | undefined;
  let parsed: { readonly body: unknown } | undefined;
  return {
    status,
    response,
    header: (name: string) => response.header(name),
    get text(): string {
      text ??= decoder.decode(response.bytes);
      return text;
    },
    get body(): unknown {
      if (parsed === undefined) {
        const isJson = /[/+]json\b/.test(response.header('content-type') ?? '') && this.text !== '';
        const body: unknown = isJson ? JSON.parse(this.text) : undefined;
        check?.({ key, status, body });
        parsed = { body };
      }
      return parsed.body;
    },
  };
}

/**
 * Returns a function that sends one request of a table of routes: `createClient<CredhubRoutes>(transport)`. Calls
 * resolve for every status, declared or not. A transport that gives more than status, headers and bytes is named as the
 * second type, and what it gave is `response` of the reply.
 */
export function createClient<T extends Routes, A extends TransportResponse = TransportResponse>(
  transport: Transport<A>,
  { encodeQuery, encodeBody = JSON.stringify, check }: ClientOptions = {},
): Client<T, A> {
  const call = async (key: string, input: LooseInput = {}) => {
    const space = key.indexOf(' ');
    const hasBody = input.body !== undefined;
    const response = await transport({
      method: key.slice(0, space),
      target: target(key.slice(space + 1), input.params, input.query, encodeQuery),
      headers: { ...(hasBody ? { 'content-type': 'application/json' } : {}), ...input.headers },
      ...(hasBody ? { body: encodeBody(input.body) } : {}),
    });
    return replyOf(key, response, check);
  };
  return call as unknown as Client<T, A>;
}
