import { CommandFailure } from '../lib/failure.ts';
import { compactJson } from '../lib/format/json.ts';
import { field, type Value } from '../lib/format/json-tree.ts';
import { parseJson } from '../lib/format/parse-json.ts';
import { exitCodeOf } from './exit-codes.ts';
import type { Host } from './host.ts';
import { describeProblem } from './problem.ts';
import type { Session } from './session.ts';
import { version } from './version.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the server, with a leading slash; values in it are encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: Value;
}

/** The server refused. */
export class ApiFailure extends CommandFailure {
  override readonly name = 'ApiFailure';
  readonly status: number;

  constructor(status: number, body: string) {
    super(describeProblem(status, body), { exitCode: exitCodeOf(status) });
    this.status = status;
  }
}

/**
 * Sends a request and gives the answer's JSON as it came; null when it has none.
 * @throws ApiFailure for a status that is no success; its exit code follows the status
 * @throws CommandFailure when no answer came, or one that is no JSON
 */
export async function callApi(session: Session, host: Host, request: ApiRequest): Promise<Value> {
  const { sendRequest } = await import('../lib/transport.ts');
  const response = await sendRequest({
    method: request.method,
    url: session.server + request.path + queryText(request.query ?? {}),
    headers: {
      Accept: 'application/json',
      Authorization: `Bearer ${session.token}`,
      'User-Agent': `plexctl/${version().version}`,
      ...(request.body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(request.body === undefined ? {} : { body: compactJson(request.body) }),
    ca: session.ca,
    env: host.env,
  }).catch((error: unknown) => {
    throw new CommandFailure(error instanceof Error ? error.message : 'The server did not answer.', { cause: error });
  });
  const text = response.body.toString();
  if (response.status < 200 || response.status > 299) throw new ApiFailure(response.status, text);
  if (text.trim() === '') return null;
  try {
    return parseJson(text);
  } catch (error) {
    throw new CommandFailure('The answer of the server is no JSON. Is this the address of a Plexsphere server?', {
      cause: error,
    });
  }
}

// Pages are followed to the end up to here, as the accumulators of the original do.
const maxItems = 100_000;

/** All pages of a list as one `{items}`. */
export async function callAllPages(session: Session, host: Host, request: ApiRequest): Promise<Value> {
  const items: Value[] = [];
  let cursor: string | undefined;
  const seen = new Set<string>();
  do {
    const page = await callApi(session, host, { ...request, query: { ...request.query, limit: 200, cursor } });
    const { list, next } = pageOf(page);
    items.push(...list);
    if (next !== undefined && seen.has(next)) throw new CommandFailure('The server repeats a page of the list.');
    if (next !== undefined) seen.add(next);
    cursor = next;
    if (items.length > maxItems)
      throw new CommandFailure(`The list has more than ${maxItems} entries. Use --limit and --cursor.`);
  } while (cursor !== undefined);
  return { kind: 'object', order: 'given', entries: [['items', items]] };
}

/** The rows of a page, and where the next one begins. */
export function pageOf(page: Value): { list: readonly Value[]; next: string | undefined } {
  const list = field(page, 'items');
  const next = field(page, 'next_cursor');
  return {
    list: Array.isArray(list) ? list : [],
    next: typeof next === 'string' && next !== '' ? next : undefined,
  };
}

function queryText(query: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}
