import type { CredhubRoutes } from '@credplex/contract';
import { type Client, createClient, type Transport, type TransportResponse } from '@credplex/contract/client';
import { compactJson } from '../format/json.ts';
import type { HttpResponse } from '../network/transport.ts';
import { apiAddress, type Session, send } from '../session/session.ts';
import { dumpRequest, dumpResponse } from './debug-dump.ts';
import { requestTree } from './request-tree.ts';

/** An answer for the client, and all that came with it. */
type HttpAnswer = HttpResponse & TransportResponse;

export type CredhubTransport = Transport<HttpAnswer>;

/** Sends the requests of CredHub's table of routes. */
export type CredhubClient = Client<CredhubRoutes, HttpAnswer>;

/** Returns a client that writes queries and bodies as Go does. */
export function createCredhubClient(transport: CredhubTransport): CredhubClient {
  return createClient<CredhubRoutes, HttpAnswer>(transport, {
    encodeQuery,
    encodeBody: (body) => compactJson(requestTree(body)),
  });
}

interface TransportOptions {
  /** Without it a request has no Authorization header. */
  readonly token?: string;
  /** Prints requests and answers where CREDHUB_DEBUG asks for it. */
  readonly debug?: boolean;
}

/** Returns a transport to the session's server. As in the original, even requests without a body are declared JSON. */
export function transportOf(session: Session, { token, debug = false }: TransportOptions = {}): CredhubTransport {
  const prints = debug && session.host.env.CREDHUB_DEBUG === 'true';
  return async ({ method, target, body }) => {
    const url = apiAddress(session.config, target);
    const headers = { 'Content-Type': 'application/json' };
    // Printed before the Authorization header is set, so that the token does not show
    // (docs/reference/credhub-cli.md#requests).
    if (prints) session.host.out(dumpRequest(method, url, headers, body));
    const response = await send(session, {
      method,
      url,
      headers: { ...headers, ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) },
      ...(body === undefined ? {} : { body }),
    });
    if (prints) session.host.out(dumpResponse(response));
    return answerOf(response);
  };
}

function answerOf(response: HttpResponse): HttpAnswer {
  return {
    ...response,
    bytes: response.body,
    header: (name) => {
      const value = response.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
  };
}

/** Encodes a query as Go's url.Values does: sorted by key, with `+` for spaces and `%2F` for slashes. */
function encodeQuery(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${escapeQuery(name)}=${escapeQuery(value)}`)
    .join('&');
}

function escapeQuery(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
