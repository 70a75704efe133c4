/** Reads `postmaster.pid` and `/proc` to find the PostgreSQL of a data folder. */
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

export interface Postmaster {
  readonly pid: number;
  /** Folder of its unix socket. */
  readonly socketFolder: string;
  readonly ready: boolean;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !isZombie(pid);
}

/** A zombie has ended but was not reaped; under an init process that never reaps, it stays for ever. */
function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Checks working directory and program name: a shell may run in the data folder, and process ids are reused. */
function isServerProcess(pid: number | string, folder: string): boolean {
  try {
    return (
      readlinkSync(`/proc/${pid}/cwd`) === folder && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres'
    );
  } catch {
    // The process has ended, or its details are not readable for us.
    return false;
  }
}

/**
 * Returns the ids of all processes of a server on `data`, also when its postmaster has died. Empty without `/proc` (macOS): there
 * PostgreSQL itself refuses a start while its shared memory is in use.
 */
export function serverProcesses(data: string): number[] {
  if (process.platform !== 'linux' || !existsSync(data)) return [];
  const folder = realpathSync(data);
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.filter((id) => isServerProcess(id, folder)).map(Number);
}

function readLockFile(data: string): string[] {
  try {
    return readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** Returns the process id in `postmaster.pid`; the process may no longer exist or be another program. */
export function lockFilePid(data: string): number | undefined {
  const pid = Number(readLockFile(data)[0]);
  return Number.isInteger(pid) && pid > 1 ? pid : undefined;
}

/** Returns the server that runs on `data`. A stale `postmaster.pid` is left alone, because PostgreSQL replaces it itself. */
export function runningPostmaster(data: string): Postmaster | undefined {
  const pid = lockFilePid(data);
  if (pid === undefined || !isAlive(pid)) return undefined;
  if (process.platform === 'linux' && !isServerProcess(pid, realpathSync(data))) return undefined;
  const lines = readLockFile(data);
  return { pid, socketFolder: lines[4] ?? '', ready: (lines[7] ?? '').trim() === 'ready' };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** A process closes its sockets shortly before it ends. */
const ENDING_MS = 2_000;

/** Returns whether a process has ended or ends within two seconds. */
export async function hasEnded(pid: number): Promise<boolean> {
  for (let waited = 0; isAlive(pid); waited += 20) {
    if (waited === ENDING_MS) return false;
    await pause(20);
  }
  return true;
}

/** Requests a fast shutdown (SIGINT), and after 30 s an immediate one (SIGQUIT), from which the next start recovers. */
export async function stopPostmaster(pid: number): Promise<void> {
  if (!isAlive(pid)) return;
  process.kill(pid, 'SIGINT');
  for (let waited = 0; isAlive(pid); waited += 20) {
    if (waited === 30_000) process.kill(pid, 'SIGQUIT');
    await pause(20);
  }
}
