import { withChoices } from '@credplex/command-line';
import { boolean, string } from '@oclif/core/flags';
import { sortedHeaders } from '../../lib/api/debug-dump.ts';
import { CommandFailure, SilentExit } from '../../lib/failure.ts';
import { goQuote } from '../../lib/format/go-quote.ts';
import { compactJson, printCurlJson } from '../../lib/format/json.ts';
import { isList, isNumber, isObject, type Value } from '../../lib/format/json-tree.ts';
import { parseJson } from '../../lib/format/parse-json.ts';
import { escapePath, parseUrl, sortedQuery, UrlError } from '../../lib/network/go-url.ts';
import type { HttpResponse } from '../../lib/network/transport.ts';
import { type Context, CredhubCommand } from '../command.ts';

export default class Curl extends CredhubCommand {
  static override readonly summary = 'Send any request to the server';
  static override readonly description = 'Sends a request with your login and prints the JSON answer.';
  static override readonly examples = [
    "credhub curl -p '/api/v1/data?path=/deploy'",
    "credhub curl -X PUT -p /api/v1/data -d '{...}'",
  ];
  static override readonly flags = {
    path: string({ char: 'p', summary: 'Path on the server, with its query' }),
    fail: boolean({ char: 'f', summary: 'Print no body and exit with 22 when the status is 400 or more' }),
    X: withChoices(string({ char: 'X', summary: 'HTTP method (default: GET)' }), [
      'GET',
      'POST',
      'PUT',
      'PATCH',
      'DELETE',
    ]),
    d: string({ char: 'd', summary: 'JSON object to send' }),
    i: boolean({ char: 'i', summary: 'Print the status and the headers too' }),
  };

  override async run(): Promise<void> {
    await curl(await this.open(Curl));
  }
}

const FAILED_STATUS_EXIT_CODE = 22;

async function curl({ flags, api, host }: Context<typeof Curl.flags>): Promise<void> {
  if (!flags.path) throw new CommandFailure('A path must be provided. Please update and retry your request.');
  const target = parsePath(flags.path);
  const body = flags.d ? parseData(flags.d) : undefined;
  const method = flags.X || 'GET';
  // RFC 9110, section 5.6.2: a method is a token.
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(method)) {
    throw new CommandFailure(`net/http: invalid method ${goQuote(method)}`);
  }
  const response = await api.sendWritten({
    method,
    target,
    headers: {},
    ...(body === undefined ? {} : { body: compactJson(body) }),
  });
  if (flags.i) host.out(`HTTP/1.1 ${response.status}\n${sortedHeaders(response)}\n`);
  if (flags.fail && response.status >= 400) throw new SilentExit(FAILED_STATUS_EXIT_CODE);
  host.out(bodyOf(response));
}

/** A 204 has no body by definition and succeeds; the original fails on it (docs/reference/credhub-cli.md#curl). */
function bodyOf(response: HttpResponse): string {
  const text = response.body.toString('utf8');
  return response.status === 204 && text === '' ? '' : printCurlJson(parseJson(text));
}

/** Path and query of what was given, which may be a whole URL; its host does not count. */
function parsePath(given: string): string {
  try {
    const { path, query } = parseUrl(given);
    const escaped = escapePath(path);
    const search = sortedQuery(query);
    return (escaped.startsWith('/') ? escaped : `/${escaped}`) + (search === '' ? '' : `?${search}`);
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
