/**
 * The embedded store: a PostgreSQL server in the data folder that listens on a unix socket only. Engine, schema and driver are
 * the same as for an external PostgreSQL (docs/decisions/0001-embedded-postgresql.md).
 *
 * One Credplex server serves a data folder: it holds an advisory lock in the database while it runs. A PostgreSQL whose lock
 * nobody holds is an orphan of a killed server and is taken over. Operator commands attach to the running PostgreSQL. The server
 * restarts a PostgreSQL that dies.
 */
import { join, resolve } from 'node:path';
import { type Cluster, ensureCluster, USER } from './cluster.ts';
import { postgresBinaries } from './postgres-binaries.ts';
import { hasEnded, runningPostmaster, stopPostmaster } from './postmaster.ts';
import { DATABASE, ensureDatabase, type LockConnection, openLockConnection } from './serving-lock.ts';
import { removeSocketFolder, SOCKET_PORT } from './socket-folder.ts';
import { ensureRunning, type RunningServer, type StartOptions } from './start-cluster.ts';
import { type ServingSession, type Supervisor, supervise } from './supervisor.ts';
import { type Runner, unprivilegedRunner } from './unprivileged.ts';

export interface EmbeddedPostgres {
  readonly url: string;
  /** How the connection came about. */
  readonly origin: 'started' | 'taken over' | 'attached';
  /** Whether statements may be sent: false from the loss of the serving lock until it is held again. */
  isAvailable(): boolean;
  /** Stops PostgreSQL if this process is responsible for it. Idempotent. */
  close(): Promise<void>;
}

export interface EmbeddedOptions extends StartOptions {
  readonly dataDir: string;
  /** `serve` requires exclusive use of the folder. `operate` is for a command, with or without a running server. */
  readonly purpose: 'serve' | 'operate';
  readonly runner?: Runner;
}

interface Session extends ServingSession {
  readonly pid: number;
  readonly lock: LockConnection;
}

/** Starts or attaches to the PostgreSQL of a data folder. @throws Error with one line for the operator */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  const cluster: Cluster = {
    dataDir,
    data: join(dataDir, 'postgres'),
    log: join(dataDir, 'postgres.log'),
    binaries: postgresBinaries(),
    runner: options.runner ?? unprivilegedRunner(),
  };
  await ensureCluster(cluster);
  for (;;) {
    options.stop?.throwIfAborted();
    const server = await ensureRunning(cluster, undefined, options);
    try {
      return await openServer(cluster, server, options);
    } catch (error) {
      // A server that was found may be one that was just killed. Then its successor is ours to start.
      if (server.started || !isDriverError(error) || !(await hasEnded(server.pid))) throw error;
    }
  }
}

async function openServer(
  cluster: Cluster,
  server: RunningServer,
  options: EmbeddedOptions,
): Promise<EmbeddedPostgres> {
  await ensureDatabase(server.socketFolder);
  const query = new URLSearchParams({ host: server.socketFolder });
  const url = `postgres://${USER}@localhost:${SOCKET_PORT}/${DATABASE}?${query}`;
  return options.purpose === 'serve'
    ? { url, ...(await serveOn(cluster, server, options)) }
    : { url, ...(await attachTo(cluster, server)) };
}

const isDriverError = (error: unknown): boolean =>
  error instanceof Error && typeof (error as { code?: unknown }).code === 'string';

type Opened = Omit<EmbeddedPostgres, 'url'>;

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}

async function serveOn(cluster: Cluster, server: RunningServer, options: EmbeddedOptions): Promise<Opened> {
  const { onNotice = () => {} } = options;
  const folder = server.socketFolder;
  const supervisor: Supervisor<Session> = supervise<Session>({
    first: await lockServer(cluster, server),
    onNotice,
    restart: async (stop) => lockServer(cluster, await ensureRunning(cluster, folder, { stop, onNotice })),
  });
  return {
    origin: server.started ? 'started' : 'taken over',
    isAvailable: () => supervisor.current() !== undefined,
    close: once(async () => {
      const session = (await supervisor.stop()) ?? (await lockRunning(cluster, folder));
      if (session === undefined) return;
      await session.lock.end();
      await stopPostmaster(session.pid);
      removeSocketFolder(folder, cluster.dataDir);
    }),
  };
}

/** @throws Error when another server process holds the serving lock */
async function lockServer({ dataDir }: Cluster, { pid, socketFolder }: RunningServer): Promise<Session> {
  const lock = openLockConnection(socketFolder);
  try {
    if (await lock.tryLock()) return { pid, lock, lost: lock.lost };
  } catch (error) {
    await lock.end().catch(() => {});
    throw error;
  }
  await lock.end();
  throw new Error(`another credplex server is running on the data folder ${dataDir}`);
}

/** Locks a running PostgreSQL whose lock nobody holds, as after an aborted restart. */
async function lockRunning(cluster: Cluster, socketFolder: string): Promise<Session | undefined> {
  const found = runningPostmaster(cluster.data);
  if (!found?.ready) return undefined;
  return lockServer(cluster, { pid: found.pid, socketFolder, started: false }).catch(() => undefined);
}

/** A command holds no lock, so that a server that starts meanwhile can take over. */
async function attachTo({ dataDir }: Cluster, { pid, socketFolder, started }: RunningServer): Promise<Opened> {
  const lock = openLockConnection(socketFolder);
  if (await lock.tryLock()) await lock.unlock();
  return {
    origin: started ? 'started' : 'attached',
    isAvailable: () => true,
    close: once(async () => {
      // A command stops the PostgreSQL that it started, unless another process uses it by now or it has died.
      const isNeeded = !started || (await lock.hasOthers().catch(() => true));
      await lock.end();
      if (isNeeded) return;
      await stopPostmaster(pid);
      removeSocketFolder(socketFolder, dataDir);
    }),
  };
}
