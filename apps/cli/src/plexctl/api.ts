import type { PlexsphereRoutes } from '@credplex/contract';
import { type Client, createClient, type SuccessBody, type Transport } from '@credplex/contract/client';
import { CommandFailure } from '../lib/failure.ts';
import { type Document, documentOf, listOf, textOf } from '../lib/format/document.ts';
import { record, type Value } from '../lib/format/json-tree.ts';
import { parseJson } from '../lib/format/parse-json.ts';
import { exitCodeOf } from './exit-codes.ts';
import type { Host } from './host.ts';
import type { PageQuery } from './page-flags.ts';
import { describeProblem } from './problem.ts';
import type { Session } from './session.ts';
import { version } from './version.ts';

interface Reply {
  readonly status: number;
  readonly text: string;
}

/** Sends the requests of Plexsphere's table of routes. */
export type PlexsphereClient = Client<PlexsphereRoutes>;

/** What a command sends, by means of a client whose routes, bodies and answers are those of the contract. */
export type Send<R extends Reply = Reply> = (client: PlexsphereClient) => Promise<R>;

/** The server returned an error status. */
export class ApiFailure extends CommandFailure {
  override readonly name = 'ApiFailure';
  readonly status: number;

  constructor(status: number, body: string) {
    super(describeProblem(status, body), { exitCode: exitCodeOf(status) });
    this.status = status;
  }
}

/**
 * Sends a request and returns the JSON of its answer with the key order and the digits that it came with; null when it
 * has none.
 *
 * @throws ApiFailure when the status is not one of success; its exit code follows the status
 * @throws CommandFailure when there is no response, or it is not JSON
 */
export async function callApi<R extends Reply>(
  session: Session,
  host: Host,
  send: Send<R>,
): Promise<Document<SuccessBody<R>>> {
  const { status, text } = await send(createClient<PlexsphereRoutes>(transportOf(session, host)));
  if (status < 200 || status > 299) throw new ApiFailure(status, text);
  if (text.trim() === '') return null;
  try {
    return documentOf(parseJson(text));
  } catch (error) {
    throw new CommandFailure(
      'The server returned an answer that is not JSON. Is this the address of a Plexsphere server?',
      {
        cause: error,
      },
    );
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
    return {
      status: response.status,
      bytes: response.body,
      header: (name) => {
        const value = response.headers[name];
        return Array.isArray(value) ? value.join(', ') : value;
      },
    };
  };
}

function unreachable(error: unknown): CommandFailure {
  const message = error instanceof Error ? error.message : 'The server did not answer.';
  const untrusted = message.includes('unknown authority');
  const hint = untrusted ? ' (--ca-cert FILE, PLEXSPHERE_CA_CERT or SSL_CERT_FILE names a certificate to trust)' : '';
  return new CommandFailure(message + hint, { cause: error });
}

// Maximum number of rows that are collected from all pages, as in the original.
const MAX_ITEMS = 100_000;

/** A page of a list, as every list that has pages answers it. */
export interface Page {
  readonly items: readonly unknown[];
  readonly next_cursor?: string | undefined;
}

/** One page of a list, by where it begins and how long it is. */
export type SendPage<R extends Reply = Reply> = (page: PageQuery) => Send<R>;

/** All pages of a list as one `{items}`. */
export async function callAllPages<R extends Reply>(
  session: Session,
  host: Host,
  sendPage: SendPage<R>,
): Promise<Document<SuccessBody<R>>> {
  const items: Value[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await callApi(session, host, sendPage({ limit: 200, ...(cursor === undefined ? {} : { cursor }) }));
    const { list, next } = pageOf(documentOf<Page>(page));
    items.push(...list);
    if (next !== undefined && seen.has(next)) throw new CommandFailure('The server repeats a page of the list.');
    if (next !== undefined) seen.add(next);
    cursor = next;
    if (items.length > MAX_ITEMS)
      throw new CommandFailure(`The list has more than ${MAX_ITEMS} entries. Use --limit and --cursor.`);
  } while (cursor !== undefined);
  return documentOf(record({ items }));
}

/** The rows of a page, and where the next one begins. */
export function pageOf(page: Document<Page>): { readonly list: readonly Value[]; readonly next: string | undefined } {
  const next = textOf(page, 'next_cursor');
  return { list: listOf(page, 'items'), next: next === '' ? undefined : next };
}
