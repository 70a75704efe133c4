import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresBinaries } from '../embedded/postgres-binaries.ts';
import { isAlive } from '../embedded/postmaster.ts';
import { unprivilegedRunner } from '../embedded/unprivileged.ts';
import { childrenOf, freePort, spawnPiped, waitForExit, waitForOutput, withParentDeathSignal } from './process.ts';

export interface TestPostgres {
  /** URL of the database `postgres` for the superuser, on loopback TCP without a password. */
  readonly url: string;
  readonly pid: number;
  /** Stops the server and removes its data. */
  stop(): Promise<void>;
  /** Kills the postmaster (SIGKILL) and waits until its child processes have ended; the data stays until {@link stop}. */
  kill(): Promise<void>;
}

/**
 * Starts PostgreSQL with empty data, as root or not. `durable: false` (the default) disables fsync, which matters only after a power
 * loss and not when processes crash.
 */
export async function startPostgres(
  options: { durable?: boolean; settings?: Record<string, string> } = {},
): Promise<TestPostgres> {
  const { initdb, postgres } = postgresBinaries();
  const runner = unprivilegedRunner();
  const home = mkdtempSync(join(tmpdir(), 'credplex-pg-'));
  const data = join(home, 'data');
  mkdirSync(data, { mode: 0o700 });
  const as = runner.owner ?? {};
  if (runner.owner) for (const folder of [home, data]) chownSync(folder, runner.owner.uid, runner.owner.gid);

  const [make, makeArgs] = runner.command(initdb, [
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
    '--no-instructions',
  ]);
  const made = spawnPiped(make, makeArgs, { ...as, cwd: home });
  await waitForOutput(made, /syncing data|Sync to disk skipped/i, 'initdb');
  await waitForExit(made);

  const port = await freePort();
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    ...(options.durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [run, runArgs] = runner.command(
    ...withParentDeathSignal('INT', postgres, ['-D', data, '-p', String(port), ...flags]),
  );
  const child = spawnPiped(run, runArgs, { ...as, cwd: home });
  await waitForOutput(child, /ready to accept connections/, 'postgres');
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGINT');
      await waitForExit(child);
      rmSync(home, { recursive: true, force: true });
    },
    async kill() {
      const processes = childrenOf(child.pid ?? 0);
      child.kill('SIGKILL');
      await waitForExit(child);
      const end = performance.now() + 20_000;
      while (processes.some(isAlive) && performance.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
  };
}
