/** Makes the data folder of the private PostgreSQL, once, and runs its programs. */
import { type SpawnOptions, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { Runner } from './unprivileged.ts';

/** Major version of the PostgreSQL that comes with us. */
const POSTGRES_MAJOR = '18';
export const USER = 'credplex';

export interface Cluster {
  readonly dataDir: string;
  /** PGDATA. */
  readonly data: string;
  readonly log: string;
  readonly binaries: PostgresBinaries;
  readonly runner: Runner;
}

/** @throws Error with one clear line: unwritable, or of another version. */
function prepareFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const probe = join(dataDir, `.probe-${process.pid}`);
    closeSync(openSync(probe, 'w', 0o600));
    rmSync(probe);
  } catch (cause) {
    throw new Error(`the data folder ${dataDir} cannot be written (${(cause as NodeJS.ErrnoException).code})`, {
      cause,
    });
  }
}

function checkVersion({ data, dataDir }: Cluster): void {
  const found = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  if (found === POSTGRES_MAJOR) return;
  const age = Number(found) > Number(POSTGRES_MAJOR) ? 'newer' : 'older';
  throw new Error(
    `the data folder ${dataDir} is of a ${age} release: its PostgreSQL is ${found}, this release has ${POSTGRES_MAJOR}`,
  );
}

/** Hands a folder over to the account of PostgreSQL: only where PostgreSQL cannot run under a user namespace. */
export function giveToServerAccount({ runner, dataDir }: Cluster, folder: string): void {
  if (!runner.owner) return;
  chownSync(folder, runner.owner.uid, runner.owner.gid);
  // Reachable, not listable: everything below has modes of its own.
  if ((statSync(dataDir).mode & 0o001) === 0) chmodSync(dataDir, 0o711);
}

/** Starts a program of PostgreSQL under the account it must have. */
export function spawnServer(
  { runner, dataDir }: Cluster,
  program: string,
  args: readonly string[],
  options: SpawnOptions,
  variables: NodeJS.ProcessEnv = {},
) {
  const [command, words] = runner.command(program, args);
  const environment: NodeJS.ProcessEnv = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC', ...variables };
  return spawn(command, words, { cwd: runner.owner ? '/' : dataDir, env: environment, ...runner.owner, ...options });
}

/** Returns the end of a log on one line. */
export function lastLines(log: string): string {
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').slice(-3).join(' | ') : '';
}

/** initdb into a folder of its own and one rename: a start that was killed half way, or another one, leaves nothing half made. */
async function initialise(cluster: Cluster): Promise<void> {
  const { dataDir, data, log, binaries } = cluster;
  for (const file of readdirSync(dataDir)) {
    if (file.startsWith('postgres.new-')) rmSync(join(dataDir, file), { recursive: true, force: true });
  }
  const fresh = join(dataDir, `postgres.new-${process.pid}`);
  mkdirSync(fresh, { mode: 0o700 });
  giveToServerAccount(cluster, fresh);
  const output = openSync(log, 'w', 0o600);
  const args = ['-D', fresh, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-instructions'];
  // A process group of its own: Ctrl-C in a terminal is for us, and a start that is to stop lets this step end.
  const child = spawnServer(cluster, binaries.initdb, args, { stdio: ['ignore', output, output], detached: true });
  closeSync(output);
  const failure = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code) => resolve(code === 0 ? undefined : lastLines(log)));
  });
  if (failure !== undefined) throw new Error(`the embedded PostgreSQL could not be made in ${dataDir}: ${failure}`);
  try {
    renameSync(fresh, data);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(join(data, 'PG_VERSION'))) throw error;
  }
}

export async function ensureCluster(cluster: Cluster): Promise<void> {
  prepareFolder(cluster.dataDir);
  if (!existsSync(join(cluster.data, 'PG_VERSION'))) await initialise(cluster);
  checkVersion(cluster);
}
