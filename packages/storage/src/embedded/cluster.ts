/** Initialises the data folder of the embedded PostgreSQL and runs its programs. */
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

/** Major version of the embedded PostgreSQL. */
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

/** Creates the data folder and checks that it is writable. @throws Error with one line for the operator */
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

/** Changes the owner of a folder to the account of PostgreSQL, where PostgreSQL cannot run in a user namespace. */
export function giveToServerAccount({ runner, dataDir }: Cluster, folder: string): void {
  if (!runner.owner) return;
  chownSync(folder, runner.owner.uid, runner.owner.gid);
  // Others may traverse the folder but not list it; the entries below have their own modes.
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

/** Returns the last lines of a log, joined to one line. */
export function lastLines(log: string): string {
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').slice(-3).join(' | ') : '';
}

/** Runs initdb in a temporary folder and renames it, so that an interrupted or concurrent start leaves no incomplete folder. */
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
  // A separate process group, so that Ctrl-C in a terminal does not interrupt initdb.
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
