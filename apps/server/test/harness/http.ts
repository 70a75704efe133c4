/**
 * Requests to a server under test: those of the routes by the contract's client, and those that a test writes byte for
 * byte by `sendRaw`. Answers are given as they came.
 */
import { readFileSync } from 'node:fs';
import { Agent, type RequestOptions, request } from 'node:https';
import type { CredhubRoutes, PlexsphereRoutes } from '@credplex/contract';
import { type Client, createClient, type SuccessBody, type TransportResponse } from '@credplex/contract/client';
import type { Actor } from './recorded-actors.ts';

/** The routes of both APIs. */
export type ApiRoutes = CredhubRoutes & PlexsphereRoutes;
/** Sends requests of both APIs' tables of routes. */
export type ApiClient = Client<ApiRoutes, Answer>;

export interface Answer extends TransportResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body as JSON. Throws where it is none. */
  json(): unknown;
}

export interface Send {
  readonly method: string;
  /** With the query, sent as it stands. */
  readonly path: string;
  readonly as?: Actor | undefined;
  /** An object is sent as JSON; a text or bytes as they are. */
  readonly body?: unknown;
  /** `null` leaves one out that would be sent. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly localAddress?: string;
  readonly timeoutMs?: number;
}

export interface ServerClient {
  /** Sends the requests of routes, as nobody when no actor is given. */
  as(actor: Actor | undefined): ApiClient;
  /** Sends what the tables of routes do not describe: malformed input, unknown paths, headers and addresses of its own. */
  sendRaw(what: Send): Promise<Answer>;
  close(): void;
}

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly body: unknown;
}

/** Returns the body of an answer. @throws Error with the answer when it is not one of success */
export async function succeeded<R extends Reply>(reply: Promise<R>): Promise<SuccessBody<R>> {
  const { status, text, body } = await reply;
  if (status > 299) throw new Error(`${status} ${text}`);
  return body as SuccessBody<R>;
}

const isJsonText = (body: unknown): body is string | Uint8Array =>
  typeof body === 'string' || body instanceof Uint8Array;

/** @throws whatever the socket says, and after `timeoutMs` (60 s) an error that says so */
export function connectTo(server: { readonly url: string; readonly ca: string }): ServerClient {
  const base = new URL(server.url);
  const agents = new Map<string, Agent>();
  const agentOf = (actor: Actor | undefined): Agent => {
    const file = actor !== undefined && 'cert' in actor ? actor : undefined;
    const known = agents.get(file?.cert ?? '');
    if (known) return known;
    const identity = file ? { cert: readFileSync(file.cert), key: readFileSync(file.key) } : {};
    const made = new Agent({ keepAlive: true, maxSockets: 16, ca: server.ca, ...identity });
    agents.set(file?.cert ?? '', made);
    return made;
  };

  const once = (what: Send): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const body =
        what.body === undefined
          ? undefined
          : Buffer.from(isJsonText(what.body) ? what.body : JSON.stringify(what.body));
      const wanted: Record<string, string | null> = {
        accept: 'application/json',
        ...(what.as !== undefined && 'token' in what.as ? { authorization: `Bearer ${what.as.token}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(body.length) }),
        ...what.headers,
      };
      const headers = Object.fromEntries(Object.entries(wanted).flatMap(([k, v]) => (v === null ? [] : [[k, v]])));
      const options: RequestOptions = {
        host: base.hostname,
        port: base.port,
        method: what.method,
        path: what.path,
        headers,
        agent: agentOf(what.as),
        ...(what.localAddress === undefined ? {} : { localAddress: what.localAddress }),
      };
      const sent = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const text = bytes.toString('utf8');
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            header: (name) => response.headers[name]?.toString(),
            bytes,
            text,
            json: () => JSON.parse(text) as unknown,
          });
        });
      });
      sent.setTimeout(what.timeoutMs ?? 60_000, () => {
        sent.destroy(new Error(`no answer in time: ${what.method} ${what.path.slice(0, 200)}`));
      });
      sent.on('error', (error) => reject(Object.assign(error, { reused: sent.reusedSocket })));
      sent.end(body);
    });

  // A kept-alive connection that the server closed just now is no answer of the server.
  const sendRaw: ServerClient['sendRaw'] = (what) =>
    once(what).catch((error: Error & { reused?: boolean; code?: string }) => {
      if (error.reused === true && error.code === 'ECONNRESET') return once(what);
      throw error;
    });

  return {
    as: (actor) =>
      createClient<ApiRoutes, Answer>(({ target, ...sent }) => sendRaw({ ...sent, path: target, as: actor })),
    sendRaw,
    close() {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}
