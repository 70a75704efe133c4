/** The command `credplex` as an operator runs it: the launcher, a folder of its own, nothing in the environment. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { connectTo, type ServerClient } from './http.ts';

const LAUNCHER = join(import.meta.dirname, '../../bin/credplex.js');
const LIMIT_MS = 90_000;

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly url: string;
  readonly process: ChildProcess;
  /** All of stdout and stderr so far. */
  output(): string;
  end(signal: NodeJS.Signals): Promise<Ended>;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
  readonly uid?: number;
  /** In a process group of its own, as a terminal runs a command: its id is the process's. */
  readonly group?: boolean;
  /** A launcher other than that of the clone. */
  readonly launcher?: string;
  /** Words for Node itself. */
  readonly nodeFlags?: readonly string[];
}

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'credplex-start-'));

/** Settings that every start here shares: an own folder, a free port. */
export const settings = (dataDir: string, more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  CREDPLEX_DATA_DIR: dataDir,
  CREDPLEX_LISTEN: '127.0.0.1:0',
  ...more,
});

export function launch(args: readonly string[], options: RunOptions) {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [...(options.nodeFlags ?? []), options.launcher ?? LAUNCHER, ...args], {
    cwd: options.cwd ?? tmpdir(),
    env: { PATH, HOME, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: options.group === true,
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (part: Buffer) => {
    text.stdout += part.toString();
  });
  child.stderr.on('data', (part: Buffer) => {
    text.stderr += part.toString();
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS * 2);
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (status, signal) => {
      clearTimeout(limit);
      resolve({ status, signal, ...text });
    });
  });
  return { child, text, ended };
}

/** Runs a command to its end. */
export const credplex = (args: readonly string[], options: RunOptions = {}): Promise<Ended> =>
  launch(args, options).ended;

/** Starts a server and waits until it says that it is ready. @throws Error with what it said instead */
export async function startCredplex(options: RunOptions & { args?: readonly string[] } = {}): Promise<Running> {
  const { child, text, ended } = launch(['serve', ...(options.args ?? [])], options);
  const url = await new Promise<string>((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`not ready:\n${text.stdout}${text.stderr}`)), LIMIT_MS);
    child.stdout.on('data', () => {
      const ready = /is ready at (https:\S+) /.exec(text.stdout)?.[1];
      if (ready !== undefined) {
        clearTimeout(limit);
        resolve(ready);
      }
    });
    void ended.then((end) => {
      clearTimeout(limit);
      reject(new Error(`ended with ${end.status ?? end.signal}:\n${end.stdout}${end.stderr}`));
    });
  });
  return {
    url,
    process: child,
    output: () => text.stdout + text.stderr,
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

const operatorSchema = z.strictObject({
  url: z.string(),
  ca: z.string(),
  user: z.string(),
  password: z.string(),
  client: z.string(),
  client_secret: z.string(),
  plexsphere_token: z.string(),
});
export type Operator = z.output<typeof operatorSchema>;

export const readOperator = (dataDir: string): Operator =>
  operatorSchema.parse(JSON.parse(readFileSync(join(dataDir, 'operator.json'), 'utf8')));

/** A client of a running server that trusts the CA of its data folder. */
export const clientOf = (running: Running, dataDir: string): ServerClient =>
  connectTo({ url: running.url, ca: readFileSync(join(dataDir, 'tls', 'ca.pem'), 'utf8') });

const tokenSchema = z.object({ access_token: z.string() });

/** A token of the built-in issuer. @throws Error with the answer when there is none */
export async function fetchToken(client: ServerClient, form: Readonly<Record<string, string>>): Promise<string> {
  const answer = await client.sendRaw({
    method: 'POST',
    path: '/uaa/oauth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  return tokenSchema.parse(answer.json()).access_token;
}

export const clientToken = (
  client: ServerClient,
  operator: Pick<Operator, 'client' | 'client_secret'>,
): Promise<string> =>
  fetchToken(client, {
    grant_type: 'client_credentials',
    client_id: operator.client,
    client_secret: operator.client_secret,
  });

export const userToken = (client: ServerClient, operator: Pick<Operator, 'user' | 'password'>): Promise<string> =>
  fetchToken(client, {
    grant_type: 'password',
    client_id: 'credhub_cli',
    client_secret: '',
    username: operator.user,
    password: operator.password,
  });
