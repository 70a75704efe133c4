/** Starts a server on the data folder of the private PostgreSQL, or waits for the one that is there. */
import { closeSync, existsSync, openSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Cluster, giveToServerAccount, lastLines, spawnServer } from './cluster.ts';
import { lockFilePid, type Postmaster, runningPostmaster, serverProcesses, stopPostmaster } from './postmaster.ts';
import { SOCKET_PORT, socketFile, socketFolder } from './socket-folder.ts';

/** No TCP; only our own account reaches the socket's folder, so the login needs no password. Statements never reach the log. */
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
/** How long processes of an earlier server may take to end before it is reported. */
const REPORT_AFTER_MS = 1_000;

export interface StartOptions {
  /** Aborted: nothing is started any more, a server that is starting is stopped, and the signal's reason is thrown. */
  readonly stop?: AbortSignal | undefined;
  readonly onNotice?: ((line: string, level: 'info' | 'warn') => void) | undefined;
}

export interface RunningServer {
  readonly pid: number;
  readonly socketFolder: string;
  /** False: it ran already. */
  readonly started: boolean;
}

/**
 * Returns the server that runs on the folder, ready for connections; starts one when there is none. A server that starts or
 * stops is waited for, and so are the processes of one that was killed: they may still write.
 * @param requiredFolder the socket's folder, where it is decided already @throws Error with the last lines of the server's log
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
 * Waits until the folder has a server that is ready, or no process of one. Whoever moved the data folder of a killed server has
 * moved the socket with it; a server whose socket is gone is of no use to anybody and is stopped.
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

/** The log of the previous server says why it ended. */
function openLog(log: string): number {
  if (existsSync(log)) renameSync(log, log.replace(/\.log$/, '.previous.log'));
  return openSync(log, 'w', 0o600);
}

/**
 * PostgreSQL refuses a `postmaster.pid` whose number belongs to a living process, unless that is its own parent or grandparent
 * (src/backend/utils/init/miscinit.c, CreateLockFile). Numbers are given out anew after a crash, and a process that nobody reaped
 * keeps its own. We know that no server runs here and say so; PostgreSQL still looks whether shared memory is in use.
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
  // In a process group of its own, as initdb: we stop it when our own work is done.
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
  // Recovery after a crash may take its time; a server that gives up ends by itself.
  for (;;) {
    if (stop?.aborted) {
      if (!ended && child.pid !== undefined) await stopPostmaster(child.pid);
      stop.throwIfAborted();
    }
    const found = runningPostmaster(data);
    if (found?.ready) return { pid: found.pid, socketFolder: folder, started: true };
    // Ours ended, but another start was faster: that one is waited for.
    if (ended && found === undefined) throw new Error(`the embedded PostgreSQL did not start: ${lastLines(log)}`);
    await delay(POLL_MS);
  }
}
