import { escapeQuery } from '../lib/api.ts';
import { sortedHeaders } from '../lib/debug-dump.ts';
import { CommandFailure, SilentExit } from '../lib/failure.ts';
import { goQuote } from '../lib/format/go-quote.ts';
import { printCurlJson } from '../lib/format/json.ts';
import { isList, isNumber, isObject, parseJson, type Value } from '../lib/format/value.ts';
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

/** A 204 has no body by definition and succeeds; the original fails on it (cli-facts, section 11). */
function bodyOf(response: HttpResponse): string {
  const text = response.body.toString('utf8');
  return response.status === 204 && text === '' ? '' : printCurlJson(parseJson(text));
}

/** Path and query of what was given, which may be a whole URL; its host does not count. */
function parsePath(given: string): { readonly path: string; readonly search: string } {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
  if (/[\x00-\x1f\x7f]/.test(given)) {
    throw new CommandFailure(`parse ${goQuote(given)}: net/url: invalid control character in URL`);
  }
  const [beforeFragment = ''] = given.split('#');
  if (beforeFragment.startsWith(':')) throw new CommandFailure(`parse ${goQuote(given)}: missing protocol scheme`);
  const withoutHost = beforeFragment.replace(/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/?]*/, '').replace(/^\/\/[^/?]*/, '');
  const question = withoutHost.indexOf('?');
  const path = question < 0 ? withoutHost : withoutHost.slice(0, question);
  const bad = badEscape(path);
  if (bad !== undefined) throw new CommandFailure(`parse ${goQuote(given)}: invalid URL escape ${bad}`);
  return {
    path: path.startsWith('/') ? encodeIllegal(path) : `/${encodeIllegal(path)}`,
    search: question < 0 ? '' : sortedQuery(withoutHost.slice(question + 1)),
  };
}

/** The query as Go's url.ParseQuery and Encode leave it: decoded, sorted by name, encoded again. */
function sortedQuery(query: string): string {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      if (part.includes(';')) throw new CommandFailure('invalid semicolon separator in query');
      const bad = badEscape(part);
      if (bad !== undefined) throw new CommandFailure(`invalid URL escape ${bad}`);
      const equals = part.indexOf('=');
      const name = equals < 0 ? part : part.slice(0, equals);
      return [decodeQuery(name), decodeQuery(equals < 0 ? '' : part.slice(equals + 1))] as const;
    })
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${escapeQuery(name)}=${escapeQuery(value)}`)
    .join('&');
}

function badEscape(text: string): string | undefined {
  const at = text.search(/%(?![0-9a-fA-F]{2})/);
  return at < 0 ? undefined : goQuote(text.slice(at, at + 3));
}

function decodeQuery(text: string): string {
  const bytes = text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-fA-F]{2})|[^%]+/g, (whole, hex: string | undefined) =>
      hex === undefined ? Buffer.from(whole, 'utf8').toString('latin1') : String.fromCharCode(Number.parseInt(hex, 16)),
    );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function encodeIllegal(path: string): string {
  return path.replace(/[^!-~]|["<>\\^`{|}]/gu, (character) => encodeURIComponent(character.toWellFormed()));
}

function parseData(text: string): Value {
  const value = parseJson(text);
  if (isObject(value) || value === null) return value;
  const kind = isList(value) ? 'array' : isNumber(value) ? 'number' : typeof value === 'boolean' ? 'bool' : 'string';
  throw new CommandFailure(`json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`);
}
