/** Starts PostgreSQL on a data folder, or waits for the server that runs there. */
import { closeSync, existsSync, openSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Cluster, giveToServerAccount, lastLines, spawnServer } from './cluster.ts';
import { lockFilePid, type Postmaster, runningPostmaster, serverProcesses, stopPostmaster } from './postmaster.ts';
import { SOCKET_PORT, socketFile, socketFolder } from './socket-folder.ts';

/** No TCP, and only our account can open the socket, so logins need no password. Statements are never logged. */
const SETTINGS = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '120',
  shared_buffers: '64MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '512MB',
  log_min_error_statement: 'panic',
  log_parameter_max_length: '0',
  logging_collector: 'off',
  jit: 'off',
};

const POLL_MS = 20;
/** Waiting for processes of an earlier server is logged after this time. */
const REPORT_AFTER_MS = 1_000;

export interface StartOptions {
  /** When aborted, a starting server is stopped, no other is started, and the signal's reason is thrown. */
  readonly stop?: AbortSignal | undefined;
  readonly onNotice?: ((line: string, level: 'info' | 'warn') => void) | undefined;
}

export interface RunningServer {
  readonly pid: number;
  readonly socketFolder: string;
  /** `false` when it was already running. */
  readonly started: boolean;
}

/**
 * Returns the server of the folder, ready for connections, and starts one when none runs. Waits for a server that is starting or
 * stopping, and for the processes of a killed server, which may still write.
 * @param requiredFolder the socket folder, when it is already decided
 * @throws Error with the last lines of the server's log
 */
export async function ensureRunning(
  cluster: Cluster,
  requiredFolder: string | undefined,
  options: StartOptions = {},
): Promise<RunningServer> {
  const running = await waitForStableState(cluster, options);
  const folder = requiredFolder ?? running?.socketFolder ?? socketFolder(cluster.dataDir);
  if (running === undefined) return start(cluster, folder, options);
  if (running.socketFolder !== folder) {
    throw new Error(`another PostgreSQL runs on ${cluster.data}, with its socket in ${running.socketFolder}`);
  }
  return { ...running, started: false };
}

/**
 * Waits until the folder has either a ready server or no server process. If the data folder of an orphaned server was moved, its
 * socket moved too and is looked up in the new folder. A server whose socket is gone is unreachable, so it is stopped.
 */
async function waitForStableState(
  { data, dataDir }: Cluster,
  { stop, onNotice }: StartOptions,
): Promise<Postmaster | undefined> {
  let reportAt = performance.now() + REPORT_AFTER_MS;
  for (;;) {
    stop?.throwIfAborted();
    const found = runningPostmaster(data);
    if (found?.ready) {
      const folders = [found.socketFolder, join(dataDir, 'socket')];
      const folder = folders.find((candidate) => existsSync(socketFile(candidate)));
      if (folder !== undefined) return { ...found, socketFolder: folder };
      await stopPostmaster(found.pid);
    }
    if (found === undefined) {
      const remaining = serverProcesses(data);
      if (remaining.length === 0) return undefined;
      if (performance.now() > reportAt) {
        reportAt = Number.POSITIVE_INFINITY;
        onNotice?.(`processes of an earlier PostgreSQL are waited for: ${remaining.join(', ')}`, 'warn');
      }
    }
    await delay(POLL_MS);
  }
}

/** Opens a new log and keeps the previous one, which tells why the previous server ended. */
function openLog(log: string): number {
  if (existsSync(log)) renameSync(log, log.replace(/\.log$/, '.previous.log'));
  return openSync(log, 'w', 0o600);
}

/**
 * PostgreSQL refuses to start when the process id in `postmaster.pid` belongs to a living process, unless that is its own parent or
 * grandparent (src/backend/utils/init/miscinit.c, CreateLockFile). After a crash the id may be reused or belong to a zombie. No
 * server runs on the folder here, so the id is passed as that of the grandparent. PostgreSQL still checks its shared memory.
 */
function staleLockFile(data: string): NodeJS.ProcessEnv {
  const pid = process.platform === 'linux' ? lockFilePid(data) : undefined;
  return pid === undefined ? {} : { PG_GRANDPARENT_PID: String(pid) };
}

async function start(cluster: Cluster, folder: string, { stop }: StartOptions): Promise<RunningServer> {
  const { data, log, binaries } = cluster;
  giveToServerAccount(cluster, folder);
  const flags = Object.entries({ ...SETTINGS, unix_socket_directories: folder }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const output = openLog(log);
  // A separate process group, as for initdb: the server must outlive Ctrl-C until Credplex has finished its work.
  const child = spawnServer(
    cluster,
    binaries.postgres,
    ['-D', data, '-p', String(SOCKET_PORT), ...flags],
    { stdio: ['ignore', output, output], detached: true },
    staleLockFile(data),
  );
  closeSync(output);
  child.unref();
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  child.once('exit', end);
  child.once('error', end);
  // No timeout: recovery after a crash may take long, and a server that fails exits.
  for (;;) {
    if (stop?.aborted) {
      if (!ended && child.pid !== undefined) await stopPostmaster(child.pid);
      stop.throwIfAborted();
    }
    const found = runningPostmaster(data);
    if (found?.ready) return { pid: found.pid, socketFolder: folder, started: true };
    // When a concurrent start was faster, ours exits and we wait for the other one.
    if (ended && found === undefined) throw new Error(`the embedded PostgreSQL did not start: ${lastLines(log)}`);
    await delay(POLL_MS);
  }
}
