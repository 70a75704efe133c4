/** Starts PostgreSQL, the bare server and Credplex as processes on 127.0.0.1. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDatabase, startPostgres } from '@credplex/storage/testing';
import { nodeFlags } from './processes.ts';

export interface BareServer {
  readonly base: string;
  readonly process: ChildProcess;
}

export interface BenchEnvironment {
  readonly databaseUrl: string;
  /** URL of the PostgreSQL server, for {@link createDatabase}. */
  readonly postgresUrl: string;
  readonly postgresPid: number;
  readonly base: string;
  /** The current process of Credplex. */
  readonly server: ChildProcess;
  /** Restarts Credplex at the same address, without what earlier requests left in its memory. */
  restartServer(): Promise<void>;
  /** The current process of the bare server. */
  readonly bare: BareServer;
  /** Restarts the bare server, because a process that has served other requests is no fair baseline. */
  restartBare(): Promise<void>;
  readonly dataDir: string;
  readonly ca: string;
  readonly startMs: number;
  /** Fetches an access token of the first operator's client. */
  token(): Promise<string>;
  call(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }>;
  stop(): Promise<void>;
}

const agent = new Agent({ keepAlive: true, maxSockets: 16, rejectUnauthorized: false });

export function send(
  url: string,
  options: { method: string; headers?: Record<string, string>; body?: string | undefined },
): Promise<{ status: number; text: string; retryAfter: string | undefined }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method: options.method, headers: options.headers ?? {} }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          text: Buffer.concat(chunks).toString(),
          retryAfter: answer.headers['retry-after'],
        }),
      );
    });
    sent.once('error', reject);
    sent.end(options.body);
  });
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Polls the health route until it answers. @throws Error after the deadline, or when the server has ended */
export async function waitUntilUp(
  base: string,
  server?: Pick<ChildProcess, 'exitCode' | 'signalCode'>,
  deadlineMs = 60_000,
): Promise<void> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    try {
      if ((await send(`${base}/health`, { method: 'GET' })).status === 200) return;
    } catch (error) {
      const how = server?.signalCode ?? server?.exitCode ?? undefined;
      if (how !== undefined) throw new Error(`the server ended while it started (${how})`, { cause: error });
      if (performance.now() > end) throw new Error('the server did not come up', { cause: error });
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The bundle, as a package and `npm start` run it. */
const MAIN_FILE = fileURLToPath(new URL('../bin/start.js', import.meta.url));

/** Bundles the server from the sources as they are now, and fills the compile cache. @throws Error */
export function buildServer(): void {
  const build = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));
  execFileSync(process.execPath, [build]);
  execFileSync(process.execPath, [MAIN_FILE, 'warm-up']);
}

export async function startServer(
  env: Record<string, string>,
): Promise<{ process: ChildProcess; base: string; startMs: number }> {
  const listen = env['CREDPLEX_LISTEN'] ?? `127.0.0.1:${await freePort()}`;
  const started = performance.now();
  const child = spawn(process.execPath, [MAIN_FILE, 'serve'], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env, CREDPLEX_LISTEN: listen },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const base = `https://${listen}`;
  try {
    await waitUntilUp(base, child);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return { process: child, base, startMs: performance.now() - started };
}

/** `flags`: V8 flags, those of the server that it is compared with. */
async function startBare(databaseUrl: string, dataDir: string, flags: readonly string[]): Promise<BareServer> {
  const tls = (name: string): string => join(dataDir, 'tls', name);
  const file = fileURLToPath(new URL('./baseline-server.ts', import.meta.url));
  const child = spawn(process.execPath, [...flags, file, databaseUrl, tls('server.pem'), tls('server.key')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (line: Buffer) => resolve(line.toString().replace('port', '').trim()));
    child.once('exit', () => reject(new Error('the bare server did not start')));
  });
  return { base: `https://127.0.0.1:${port}`, process: child };
}

export async function terminate(child: ChildProcess): Promise<void> {
  const end = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await end;
}

/** Requests in the name of the first operator's client. */
export type Operator = Pick<BenchEnvironment, 'ca' | 'token' | 'call'>;

/** Logs in at a server, with the operator file of its data folder. */
export async function connectOperator(base: string, dataDir: string): Promise<Operator> {
  const operator = JSON.parse(readFileSync(join(dataDir, 'operator.json'), 'utf8')) as Record<string, string>;
  const token = async (): Promise<string> => {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: operator['client'] ?? '',
      client_secret: operator['client_secret'] ?? '',
      response_type: 'token',
    });
    const answer = await send(`${base}/uaa/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: form.toString(),
    });
    if (answer.status !== 200) throw new Error(`no token: ${answer.status}`);
    return (JSON.parse(answer.text) as { access_token: string }).access_token;
  };
  let bearer = { text: await token(), until: Date.now() + 300_000 };
  return {
    ca: operator['ca'] ?? '',
    token,
    async call(method, path, body) {
      if (Date.now() > bearer.until) bearer = { text: await token(), until: Date.now() + 300_000 };
      return send(`${base}${path}`, {
        method,
        headers: { authorization: `bearer ${bearer.text}`, 'content-type': 'application/json' },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    },
  };
}

export async function startEnvironment(): Promise<BenchEnvironment> {
  const postgres = await startPostgres({ durable: true });
  const databaseUrl = await createDatabase({ server: postgres.url, empty: true });
  const dataDir = mkdtempSync(join(tmpdir(), 'credplex-bench-'));
  const env = { CREDPLEX_DATABASE_URL: databaseUrl, CREDPLEX_DATA_DIR: dataDir, CREDPLEX_LEVEL: '2' };
  let credplex = await startServer(env);
  const operator = await connectOperator(credplex.base, dataDir);
  const newBare = () => startBare(databaseUrl, dataDir, nodeFlags(credplex.process.pid ?? 0));
  let bare = await newBare();
  return {
    databaseUrl,
    postgresUrl: postgres.url,
    postgresPid: postgres.pid,
    base: credplex.base,
    get server() {
      return credplex.process;
    },
    async restartServer() {
      await terminate(credplex.process);
      credplex = await startServer({ ...env, CREDPLEX_LISTEN: new URL(credplex.base).host });
    },
    get bare() {
      return bare;
    },
    async restartBare() {
      await terminate(bare.process);
      bare = await newBare();
    },
    dataDir,
    ca: operator.ca,
    startMs: credplex.startMs,
    token: operator.token,
    call: operator.call,
    async stop() {
      for (const child of [bare.process, credplex.process]) await terminate(child);
      agent.destroy();
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
