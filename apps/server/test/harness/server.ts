/**
 * A whole server process for tests, as an operator runs it: `node apps/server/src/main.ts serve --config FILE`, with an outside
 * UAA, client certificates, and the settings of the recorded CredHub (golden/recordings/README.md).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificateAuthority, issueServerCertificate } from '@credplex/pki';
import { createDatabase, freePort } from '@credplex/storage/testing';
import { stringify } from 'yaml';
import { type Answer, type ApiClient, connectTo, type Send, type ServerClient } from './http.ts';
import { type OutsideUaa, startOutsideUaa } from './outside-uaa.ts';
import { type Actor, type Actors, ADMIN, recordedActors } from './recorded-actors.ts';

export interface TestServer {
  readonly level: 1 | 2;
  readonly url: string;
  /** PEM of the CA of its certificate, and the same as a file. */
  readonly ca: string;
  readonly caFile: string;
  readonly uaa: OutsideUaa;
  readonly actors: Actors;
  readonly actorsFile: string;
  /** Identity of the actors with a good certificate. */
  readonly app: string;
  /** Undefined with the embedded store. */
  readonly database: string | undefined;
  readonly folder: string;
  readonly managementUrl: string;
  readonly client: ServerClient;
  /** Sends the requests of routes as `admin`. */
  readonly call: ApiClient;
  /** Sends the requests of routes as an actor; `null`: as nobody at all. */
  as(actor: string | null): ApiClient;
  /**
   * Sends what the tables of routes do not describe, such as malformed input: as `admin` when no actor is named,
   * `as: null` for nobody at all.
   */
  sendRaw(
    method: string,
    path: string,
    body?: unknown,
    more?: Omit<Partial<Send>, 'as'> & { as?: string | null },
  ): Promise<Answer>;
  /** Lines of the audit file so far. */
  auditLines(): string[];
  /** Everything that the process wrote to stdout and stderr, over all its starts. */
  output(): string;
  /** Stops the process and starts it again on the same data, with other settings where given. */
  restart(settings?: Readonly<Record<string, unknown>>): Promise<void>;
  stop(): Promise<void>;
}

export interface TestServerOptions {
  readonly level: 1 | 2;
  /** `embedded`: in the data folder. Default: a fresh database on the PostgreSQL of the test run, or on the server of this URL. */
  readonly store?: 'embedded' | { readonly postgres: string };
  readonly openbao?: { readonly address: string; readonly token: string };
  /** Settings over the recorded ones, as in the configuration file (top-level keys replace). */
  readonly settings?: Readonly<Record<string, unknown>>;
}

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const START_LIMIT_MS = 90_000;

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
}

/** Resolves when the server says that it is ready. */
function untilReady(child: ChildProcess, log: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const said = (): string => log.join('').slice(-4000);
    const limit = setTimeout(() => reject(new Error(`the server did not come up:\n${said()}`)), START_LIMIT_MS);
    const done = (error?: Error): void => {
      clearTimeout(limit);
      if (error) reject(error);
      else resolve();
    };
    const take = (chunk: Buffer): void => {
      log.push(chunk.toString());
      if (log.slice(-3).join('').includes('is ready at')) done();
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('error', done);
    child.once('exit', (code, signal) => done(new Error(`the server ended with ${code ?? signal}:\n${said()}`)));
  });
}

interface Places {
  readonly port: number;
  readonly managementPort: number;
  readonly folder: string;
  readonly database: string | undefined;
  readonly auditFile: string;
}

/** Returns the settings that the recordings were made with, at these places. */
function settingsOf(options: TestServerOptions, { port, managementPort, folder, database, auditFile }: Places) {
  return {
    level: options.level,
    listen: `127.0.0.1:${port}`,
    public_url: `https://127.0.0.1:${port}`,
    data_dir: join(folder, 'data'),
    ...(database === undefined ? {} : { database: { url: database } }),
    ...(options.openbao === undefined ? {} : { vault: { kind: 'openbao', openbao: options.openbao } }),
    encryption: { keys: [{ name: 'first', passphrase: 'a passphrase that only tests use', active: true }] },
    permissions: [{ path: '/*', actors: [ADMIN], operations: ['read', 'write', 'delete', 'read_acl', 'write_acl'] }],
    certificates: { concatenate_cas: true },
    management: { listen: `127.0.0.1:${managementPort}` },
    audit: { file: auditFile },
  };
}

/** Returns the URL of an empty database; undefined for the embedded one. */
async function createStore(store: TestServerOptions['store']): Promise<string | undefined> {
  const elsewhere = typeof store === 'object' ? { server: store.postgres } : {};
  return store === 'embedded' ? undefined : createDatabase({ empty: true, ...elsewhere });
}

function createClientAuthority(now: Date): ReturnType<typeof createCertificateAuthority> {
  const monthAgo = new Date(now.getTime() - 32 * 86_400_000);
  return createCertificateAuthority({ commonName: 'test clients', days: 60, now: monthAgo });
}

/** Returns the ways to send a request as one of the actors. @throws Error for an actor that is not there */
function requestsOf(client: ServerClient, actors: Actors): Pick<TestServer, 'call' | 'as' | 'sendRaw'> {
  const actorOf = (name: string | null): Actor | undefined => {
    const actor = name === null ? undefined : actors[name];
    if (name !== null && actor === undefined) throw new Error(`no actor ${name}`);
    return actor;
  };
  return {
    call: client.as(actorOf('admin')),
    as: (actor) => client.as(actorOf(actor)),
    sendRaw: (method, path, body, { as = 'admin', ...more } = {}) =>
      client.sendRaw({ method, path, ...(body === undefined ? {} : { body }), as: actorOf(as), ...more }),
  };
}

export async function startServer(options: TestServerOptions): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'credplex-server-'));
  chmodSync(folder, 0o755);
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const now = new Date();
  const [authority, clientCa, uaa, port, managementPort] = await Promise.all([
    createCertificateAuthority({ commonName: 'test server', days: 2, now }),
    createClientAuthority(now),
    startOutsideUaa(),
    freePort(),
    freePort(),
  ]);
  const identity = await issueServerCertificate({
    ca: authority,
    names: ['127.0.0.1', 'localhost', 'example.com'],
    days: 2,
    now,
  });
  const { actors, actorsFile, app } = await recordedActors({ uaa, ca: clientCa, folder: join(folder, 'actors') });
  const database = await createStore(options.store);
  const url = `https://127.0.0.1:${port}`;
  const auditFile = join(folder, 'audit.log');
  const recorded = {
    ...settingsOf(options, { port, managementPort, folder, database, auditFile }),
    tls: {
      certificate: file('server.pem', identity.certificate),
      private_key: file('server.key', identity.privateKey.reveal()),
      client_ca: file('client-ca.pem', clientCa.certificate),
    },
    auth: { uaa: { url: uaa.url, ca: file('uaa-ca.pem', uaa.ca) } },
    ...options.settings,
  };

  const log: string[] = [];
  let child: ChildProcess | undefined;
  const start = async (settings: object): Promise<void> => {
    const config = file('credplex.yml', stringify(settings));
    const { PATH, HOME } = process.env;
    child = spawn(process.execPath, [MAIN, 'serve', '--config', config], {
      cwd: folder,
      env: { PATH, HOME },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await untilReady(child, log);
  };
  const halt = async (): Promise<void> => {
    if (child === undefined) return;
    child.kill('SIGTERM');
    await ended(child);
  };
  const client = connectTo({ url, ca: authority.certificate });
  const stop = async (): Promise<void> => {
    client.close();
    await halt();
    await uaa.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await start(recorded);
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    level: options.level,
    url,
    ca: authority.certificate,
    caFile: file('server-ca.pem', authority.certificate),
    uaa,
    actors,
    actorsFile,
    app,
    database,
    folder,
    managementUrl: `http://127.0.0.1:${managementPort}`,
    client,
    ...requestsOf(client, actors),
    auditLines: () => readFileSync(auditFile, 'utf8').split('\n').filter(Boolean),
    output: () => log.join(''),
    async restart(settings = {}) {
      await halt();
      await start({ ...recorded, ...settings });
    },
    stop,
  };
}
