/** A fault program: gets a size, returns a sentence with its results, and throws when a guarantee is violated. */
import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { send, type startServer } from '@credplex/server/bench/environment';
import { createDatabase, startPostgres } from '@credplex/storage/testing';

export interface Program {
  readonly name: string;
  /** The guarantee that it proves, in one sentence. */
  readonly proves: string;
  readonly sizes: { readonly small: number; readonly whole: number };
  /** Excluded with `--small`, because CI runs a part of it elsewhere. */
  readonly wholeOnly?: boolean;
  run(size: number, options: ProgramOptions): Promise<string>;
}

export interface ProgramOptions {
  /** Of each server that the program starts, where it does not need a server with one process. */
  readonly workers: number;
}

export interface Store {
  /** Settings of a server on this store. */
  readonly env: Readonly<Record<string, string>>;
  readonly dataDir: string;
  stop(): Promise<void>;
}

/** Makes a data folder; its store is the embedded PostgreSQL, or an outside one, which several workers need. */
export async function createStore(name: string, { workers }: ProgramOptions): Promise<Store> {
  const dataDir = mkdtempSync(join(tmpdir(), `credplex-${name}-`));
  const removeFolder = (): void => rmSync(dataDir, { recursive: true, force: true });
  const env = { CREDPLEX_DATA_DIR: dataDir, CREDPLEX_LEVEL: '2' };
  if (workers === 1) return { env, dataDir, stop: async () => removeFolder() };
  const postgres = await startPostgres();
  const url = await createDatabase({ server: postgres.url, empty: true });
  return {
    env: { ...env, CREDPLEX_DATABASE_URL: url, CREDPLEX_WORKERS: String(workers) },
    dataDir,
    async stop() {
      await postgres.stop();
      removeFolder();
    },
  };
}

export type Server = Awaited<ReturnType<typeof startServer>>;
export type Answer = Awaited<ReturnType<typeof send>>;

/** A client of one server process with the first operator's token. */
export interface Client {
  readonly server: Server;
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Returns an access token that is valid for at least five minutes. */
  token(): Promise<string>;
}

export async function client(server: Server, dataDir: string): Promise<Client> {
  const operator = JSON.parse(readFileSync(join(dataDir, 'operator.json'), 'utf8')) as Record<string, string>;
  const fetchToken = async (): Promise<string> => {
    const answer = await send(`${server.base}/uaa/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: operator['client'] ?? '',
        client_secret: operator['client_secret'] ?? '',
      }).toString(),
    });
    assert.equal(answer.status, 200, `no token: ${answer.status}`);
    return (JSON.parse(answer.text) as { access_token: string }).access_token;
  };
  let token = await fetchToken();
  let until = Date.now() + 300_000;
  return {
    server,
    token: fetchToken,
    async call(method, path, body) {
      if (Date.now() > until) {
        until = Date.now() + 300_000;
        token = await fetchToken();
      }
      return send(`${server.base}${path}`, {
        method,
        headers: { authorization: `bearer ${token}`, 'content-type': 'application/json' },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    },
  };
}

export async function stop(server: Server, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (server.process.exitCode !== null || server.process.signalCode !== null) return;
  const ended = new Promise((resolve) => server.process.once('exit', resolve));
  server.process.kill(signal);
  await ended;
}

/** Polls until `isTrue`. @throws Error at the deadline */
export async function until(what: string, isTrue: () => Promise<boolean>, deadlineMs = 30_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await isTrue())) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Calls `one` for the numbers below `total`, with `count` concurrent calls. */
export async function runConcurrently(count: number, total: number, one: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: count }, async () => {
      while (next < total) {
        const n = next;
        next += 1;
        await one(n);
      }
    }),
  );
}

export function idOf(answer: Answer): string {
  return (JSON.parse(answer.text) as { id: string }).id;
}

export function versionIds(answer: Answer): string[] {
  return answer.status === 404 ? [] : (JSON.parse(answer.text) as { data: { id: string }[] }).data.map((one) => one.id);
}

export function requireNo5xx(answer: Answer): Answer {
  assert.ok(answer.status < 500, `${answer.status}: ${answer.text}`);
  return answer;
}
