/**
 * The embedded store: a real PostgreSQL of our own in the data folder, reached by its unix socket alone. Same engine, schema
 * and driver as an outside one (docs/decisions/0001).
 *
 * One server process serves a data folder: it holds an advisory lock in the database as long as it lives. A PostgreSQL that
 * runs without such a holder is left over from a killed one, and is simply used. Commands of operators attach to what runs.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';
import { postgresBinaries } from '../records/postgres-binaries.ts';
import { type Runner, unprivilegedRunner } from '../records/unprivileged.ts';
import { type Cluster, ensureCluster, startCluster, USER } from './cluster.ts';
import { type Postmaster, runningPostmaster, stopPostmaster } from './postmaster.ts';
import { leaveSocketFolder, SOCKET_PORT, socketFile, socketFolder } from './socket-folder.ts';

export interface EmbeddedPostgres {
  readonly url: string;
  /** How we came to it. */
  readonly origin: 'started' | 'taken over' | 'attached';
  /** Stops it cleanly if that is ours to do. Idempotent. */
  close(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly dataDir: string;
  /** `serve`: alone on the folder. `operate`: for the moment of a command, beside a server or not. */
  readonly purpose: 'serve' | 'operate';
  readonly runner?: Runner;
  /** Aborted: no PostgreSQL is started any more, and the signal's reason is thrown. */
  readonly stop?: AbortSignal | undefined;
}

const servingLock = 727_004;
const database = 'credplex';

function client(folder: string, name: string): postgres.Sql {
  return postgres({
    host: folder,
    port: SOCKET_PORT,
    user: USER,
    database: name,
    max: 1,
    fetch_types: false,
    idle_timeout: 0,
    // The lock lives as long as this connection.
    max_lifetime: null,
    onnotice: () => {},
    connection: { application_name: 'credplex lock' },
  });
}

async function ensureDatabase(folder: string): Promise<void> {
  const admin = client(folder, 'postgres');
  try {
    if ((await admin`select from pg_database where datname = ${database}`).length > 0) return;
    await admin.unsafe(`create database ${database}`).catch((error) => {
      // Another start was faster.
      if (error.code !== '42P04' && error.code !== '23505') throw error;
    });
  } finally {
    await admin.end({ timeout: 5 });
  }
}

/**
 * A server that was told to stop, or starts, is waited for. Whoever moved the data folder of a killed server has moved the
 * socket with it; one whose socket is gone is of no use to anybody and is stopped.
 */
async function settled({ data, dataDir }: Cluster): Promise<Postmaster | undefined> {
  for (;;) {
    const found = runningPostmaster(data);
    if (!found) return undefined;
    if (found.ready) {
      const folders = [found.socketFolder, join(dataDir, 'socket')];
      const folder = folders.find((one) => existsSync(socketFile(one)));
      if (folder !== undefined) return { ...found, socketFolder: folder };
      await stopPostmaster(found.pid);
    }
    await pause(20);
  }
}

/** @throws Error with one clear line. */
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
  options.stop?.throwIfAborted();
  const running = await settled(cluster);
  const folder = running?.socketFolder ?? socketFolder(dataDir);
  const pid = running?.pid ?? (await startCluster(cluster, folder));
  await ensureDatabase(folder);

  const holder = client(folder, database);
  const lock = async (): Promise<boolean> =>
    (await holder`select pg_try_advisory_lock(${servingLock}) as held`)[0]?.held === true;
  const alone = await lock();
  if (!alone && options.purpose === 'serve') {
    await holder.end({ timeout: 5 });
    throw new Error(`another credplex server is running on the data folder ${dataDir}`);
  }
  // A command holds no lock: a server that starts meanwhile takes over.
  if (alone && options.purpose === 'operate') await holder`select pg_advisory_unlock(${servingLock})`;
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    // What a command started it stops, unless somebody else uses it by now.
    const others = options.purpose === 'operate' && (running !== undefined || (await inUse(holder)));
    await holder.end({ timeout: 5 });
    if (others) return;
    await stopPostmaster(pid);
    leaveSocketFolder(folder, dataDir);
  }
  const query = new URLSearchParams({ host: folder });
  return {
    url: `postgres://${USER}@localhost:${SOCKET_PORT}/${database}?${query}`,
    origin: running === undefined ? 'started' : alone && options.purpose === 'serve' ? 'taken over' : 'attached',
    close() {
      closing ??= close();
      return closing;
    },
  };
}

async function inUse(holder: postgres.Sql): Promise<boolean> {
  const rows = await holder`select from pg_stat_activity
    where backend_type = 'client backend' and pid <> pg_backend_pid() and application_name like 'credplex%'`;
  return rows.length > 0;
}
