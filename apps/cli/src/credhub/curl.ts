import { sortedHeaders } from '../lib/debug-dump.ts';
import { CommandFailure, SilentExit } from '../lib/failure.ts';
import { goQuote } from '../lib/format/go-quote.ts';
import { printCurlJson } from '../lib/format/json.ts';
import { isList, isNumber, isObject, parseJson, type Value } from '../lib/format/value.ts';
import { escapePath, parseUrl, sortedQuery, UrlError } from '../lib/network/go-url.ts';
import type { HttpResponse } from '../lib/transport.ts';
import type { Context } from './command-definition.ts';
import type { CURL_FLAGS } from './flags.ts';

const FAILED_STATUS_EXIT_CODE = 22;

export async function curl({ values, api, host }: Context<typeof CURL_FLAGS>): Promise<void> {
  if (!values.path) throw new CommandFailure('A path must be provided. Please update and retry your request.');
  const target = parsePath(values.path);
  const body = values.data ? parseData(values.data) : undefined;
  const method = values.method || 'GET';
  // RFC 9110, section 5.6.2: a method is a token.
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(method)) {
    throw new CommandFailure(`net/http: invalid method ${goQuote(method)}`);
  }
  const response = await api.send({ method, ...target, ...(body === undefined ? {} : { body }) });
  if (values.include) host.out(`HTTP/1.1 ${response.status}\n${sortedHeaders(response)}\n`);
  if (values.fail && response.status >= 400) throw new SilentExit(FAILED_STATUS_EXIT_CODE);
  host.out(bodyOf(response));
}

/** A 204 has no body by definition and succeeds; the original fails on it (docs/reference/credhub-cli.md#curl). */
function bodyOf(response: HttpResponse): string {
  const text = response.body.toString('utf8');
  return response.status === 204 && text === '' ? '' : printCurlJson(parseJson(text));
}

/** Path and query of what was given, which may be a whole URL; its host does not count. */
function parsePath(given: string): { readonly path: string; readonly search: string } {
  try {
    const { path, query } = parseUrl(given);
    const escaped = escapePath(path);
    return { path: escaped.startsWith('/') ? escaped : `/${escaped}`, search: sortedQuery(query) };
  } catch (error) {
    if (!(error instanceof UrlError)) throw error;
    throw new CommandFailure(error.message, { cause: error });
  }
}

function parseData(text: string): Value {
  const value = parseJson(text);
  if (isObject(value) || value === null) return value;
  const kind = isList(value) ? 'array' : isNumber(value) ? 'number' : typeof value === 'boolean' ? 'bool' : 'string';
  throw new CommandFailure(`json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`);
}
