import type { PlexsphereRoutes } from '@credplex/contract';
import { type Client, createClient, type Transport } from '@credplex/contract/client';
import { CommandFailure } from '../lib/failure.ts';
import { field, type Value } from '../lib/format/json-tree.ts';
import { parseJson } from '../lib/format/parse-json.ts';
import { exitCodeOf } from './exit-codes.ts';
import type { Host } from './host.ts';
import type { PageQuery } from './page-flags.ts';
import { describeProblem } from './problem.ts';
import type { Session } from './session.ts';
import { version } from './version.ts';

/** What a command sends, by means of a client whose routes and bodies are those of the contract. */
export type Send = (client: Client<PlexsphereRoutes>) => Promise<{ readonly status: number; readonly text: string }>;

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
export async function callApi(session: Session, host: Host, send: Send): Promise<Value> {
  const { status, text } = await send(createClient<PlexsphereRoutes>(transportOf(session, host)));
  if (status < 200 || status > 299) throw new ApiFailure(status, text);
  if (text.trim() === '') return null;
  try {
    return parseJson(text);
  } catch (error) {
    throw new CommandFailure('The answer of the server is no JSON. Is this the address of a Plexsphere server?', {
      cause: error,
    });
  }
}

function transportOf(session: Session, host: Host): Transport {
  return async ({ method, target, headers, body }) => {
    const { sendRequest } = await import('../lib/network/transport.ts');
    const response = await sendRequest({
      method,
      url: session.server + target,
      headers: {
        ...headers,
        Accept: 'application/json',
        Authorization: `Bearer ${session.token}`,
        'User-Agent': `plexctl/${version().version}`,
      },
      ...(body === undefined ? {} : { body }),
      ca: session.ca,
      env: host.env,
    }).catch((error: unknown) => {
      throw unreachable(error);
    });
    // The client would parse what it is told is JSON; the answer is read once, by us, as it was written.
    return { status: response.status, text: response.body.toString(), header: () => undefined };
  };
}

function unreachable(error: unknown): CommandFailure {
  const message = error instanceof Error ? error.message : 'The server did not answer.';
  const untrusted = message.includes('unknown authority');
  const hint = untrusted ? ' (--ca-cert FILE, PLEXSPHERE_CA_CERT or SSL_CERT_FILE names a certificate to trust)' : '';
  return new CommandFailure(message + hint, { cause: error });
}

// Pages are followed to the end up to here, as the accumulators of the original do.
const maxItems = 100_000;

/** One page of a list, by where it begins and how long it is. */
export type SendPage = (page: PageQuery) => Send;

/** All pages of a list as one `{items}`. */
export async function callAllPages(session: Session, host: Host, sendPage: SendPage): Promise<Value> {
  const items: Value[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await callApi(session, host, sendPage({ limit: 200, ...(cursor === undefined ? {} : { cursor }) }));
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
