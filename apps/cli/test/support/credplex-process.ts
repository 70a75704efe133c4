import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A running server with an operator that may do everything. */
export interface Server {
  readonly url: string;
  /** File of the CA. */
  readonly ca: string;
  readonly user: string;
  readonly password: string;
  readonly client: string;
  readonly clientSecret: string;
  /** Undefined for a server that was given. */
  readonly dataDir: string | undefined;
  stop(): Promise<void>;
}

const LAUNCHER = new URL('../../../server/bin/credplex.js', import.meta.url).pathname;
const READY_WITHIN_MS = 90_000;

/**
 * Starts `credplex serve` in a folder of its own, on the embedded store. With CREDHUB_TEST_URL set (and _CA, _USER,
 * _PASSWORD, _CLIENT, _SECRET) that server is used instead, so that the suites run against any CredHub.
 *
 * @param other another copy of the server; then that one is started in any case
 */
export async function startServer(level: 1 | 2, other?: OtherServer): Promise<Server> {
  return other ? ownServer(level, other) : (given() ?? ownServer(level, { launcher: LAUNCHER, env: {} }));
}

interface OtherServer {
  readonly launcher: string;
  readonly env: Readonly<Record<string, string>>;
}

function given(): Server | undefined {
  const { CREDHUB_TEST_URL: url, CREDHUB_TEST_CA: ca = '', CREDHUB_TEST_USER: user = '' } = process.env;
  const { CREDHUB_TEST_PASSWORD: password = '', CREDHUB_TEST_CLIENT: client = '' } = process.env;
  if (!url) return undefined;
  const clientSecret = process.env.CREDHUB_TEST_SECRET ?? '';
  return { url, ca, user, password, client, clientSecret, dataDir: undefined, stop: () => Promise.resolve() };
}

async function ownServer(level: number, { launcher, env }: OtherServer): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'credhub-server-'));
  const child = spawn(process.execPath, [launcher, 'serve'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      CREDPLEX_DATA_DIR: folder,
      CREDPLEX_LISTEN: '127.0.0.1:0',
      CREDPLEX_LEVEL: String(level),
      CREDPLEX_LOG_LEVEL: 'warn',
      CREDPLEX_AUDIT_FILE: join(folder, 'audit.log'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await ready(child);
  const { url, ca, user, password, client, client_secret: clientSecret } = operatorIn(folder);
  return {
    url,
    ca,
    user,
    password,
    client,
    clientSecret,
    dataDir: folder,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const limit = setTimeout(() => reject(new Error(`the server is not ready:\n${said}`)), READY_WITHIN_MS);
    const listen = (chunk: Buffer): void => {
      said += chunk.toString();
      if (!said.includes(' is ready at ')) return;
      clearTimeout(limit);
      resolve();
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('close', () => reject(new Error(`the server ended:\n${said}`)));
  });
}

function operatorIn(folder: string): Record<'url' | 'ca' | 'user' | 'password' | 'client' | 'client_secret', string> {
  return JSON.parse(readFileSync(join(folder, 'operator.json'), 'utf8'));
}
