/** A server with several workers, and clients that are bound to one of them each. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, type RequestOptions, request } from 'node:https';
import { join } from 'node:path';
import { createDatabase } from '@credplex/storage/testing';
import { vi } from 'vitest';
import { newFolder, type Running, settings, startCredplex } from './credplex.ts';

export interface Reply {
  readonly status: number;
  readonly connection: string | undefined;
  readonly text: string;
}

/** Sends over one connection, which one worker has. Errors of the socket are thrown as they are. */
export interface Connection {
  send(method: string, path: string, options?: { body?: unknown; token?: string; id?: string }): Promise<Reply>;
  close(): void;
}

export interface WorkersServer {
  readonly running: Running;
  readonly dataDir: string;
  readonly auditFile: string;
  readonly databaseUrl: string;
  connect(): Connection;
  /** Number of the worker that has a connection. */
  workerOf(connection: Connection): Promise<number>;
  /** A connection that this worker has. */
  connectTo(worker: number): Promise<Connection>;
  /** Process id of a worker. */
  pidOf(worker: number): number;
}

export async function startWorkers(
  workers: number,
  env: Readonly<Record<string, string>> = {},
  group = false,
): Promise<WorkersServer> {
  const folder = newFolder();
  const dataDir = join(folder, 'data');
  const auditFile = join(folder, 'audit.log');
  const databaseUrl = await createDatabase({ empty: true });
  const running = await startCredplex({
    env: settings(dataDir, {
      CREDPLEX_WORKERS: String(workers),
      CREDPLEX_DATABASE_URL: databaseUrl,
      CREDPLEX_AUDIT_FILE: auditFile,
      CREDPLEX_LOG_LEVEL: 'debug',
      ...env,
    }),
    group,
  });
  const ca = readFileSync(join(dataDir, 'tls', 'ca.pem'), 'utf8');
  const connect = (): Connection => openConnection(running.url, ca);
  const workerOf = async (connection: Connection): Promise<number> => {
    const id = randomUUID();
    await connection.send('GET', '/health', { id });
    return vi.waitUntil(() => workerInLog(running.output(), id), { timeout: 10_000, interval: 5 });
  };
  return {
    running,
    dataDir,
    auditFile,
    databaseUrl,
    connect,
    workerOf,
    connectTo: (worker) =>
      vi.waitUntil(
        async () => {
          const connection = connect();
          if ((await workerOf(connection)) === worker) return connection;
          connection.close();
          return undefined;
        },
        { timeout: 30_000, interval: 5 },
      ) as Promise<Connection>,
    pidOf(worker) {
      const { workers: list } = JSON.parse(readFileSync(join(dataDir, 'workers.json'), 'utf8')) as {
        workers: { worker: number; pid: number }[];
      };
      const found = list.find((one) => one.worker === worker);
      if (found === undefined) throw new Error(`worker ${worker} does not run`);
      return found.pid;
    },
  };
}

function workerInLog(output: string, id: string): number | undefined {
  const line = output.split('\n').find((one) => one.includes(`"request_id":"${id}"`));
  return line === undefined ? undefined : (JSON.parse(line) as { worker: number }).worker;
}

export function openConnection(url: string, ca: string): Connection {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca });
  const send: Connection['send'] = (method, path, { body, token, id } = {}) =>
    new Promise((resolve, reject) => {
      const options: RequestOptions = {
        agent,
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `bearer ${token}` }),
          ...(id === undefined ? {} : { 'x-request-id': id }),
          ...(typeof body === 'object' ? { 'content-type': 'application/json' } : {}),
          ...(typeof body === 'string' ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
        },
      };
      const sent = request(new URL(path, url), options, (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.once('error', reject);
        answer.once('end', () =>
          resolve({ status: answer.statusCode ?? 0, connection: answer.headers.connection, text }),
        );
      });
      sent.once('error', reject);
      sent.end(typeof body === 'object' ? JSON.stringify(body) : body);
    });
  return { send, close: () => agent.destroy() };
}
