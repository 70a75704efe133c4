/** Requests byte for byte as a test wants them, and answers as they came. */
import { readFileSync } from 'node:fs';
import { Agent, type RequestOptions, request } from 'node:https';
import type { Actor } from './recorded-actors.ts';

export interface Answer {
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

export interface Client {
  send(what: Send): Promise<Answer>;
  close(): void;
}

const isJsonText = (body: unknown): body is string | Uint8Array =>
  typeof body === 'string' || body instanceof Uint8Array;

/** @throws whatever the socket says, and after `timeoutMs` (60 s) an error that says so */
export function createClient(server: { readonly url: string; readonly ca: string }): Client {
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
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
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

  return {
    // A kept-alive connection that the server closed just now is no answer of the server.
    send: (what) =>
      once(what).catch((error: Error & { reused?: boolean; code?: string }) => {
        if (error.reused === true && error.code === 'ECONNRESET') return once(what);
        throw error;
      }),
    close() {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}
