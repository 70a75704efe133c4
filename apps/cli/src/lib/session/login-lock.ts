import { existsSync, mkdirSync } from 'node:fs';
import { lock } from 'proper-lockfile';
import type { Host } from '../terminal/host.ts';
import { configFolder } from './config-file.ts';

/** A holder that was killed is recognised by a lock that nobody touched for so long. */
const STALE_MS = 10_000;
/** Together some 60 s: a refresh that takes longer than that is not coming back. */
const RETRIES = { retries: 300, factor: 1.2, minTimeout: 10, maxTimeout: 200, randomize: true };

/**
 * Runs `work` while no other command on this machine refreshes or ends the login that is stored in the same home. Where a
 * lock cannot be had (a read-only home, a holder that hangs) `work` runs without one: the server then decides which of
 * two refreshes goes on.
 */
export async function withLoginLock<T>(host: Host, work: () => Promise<T>): Promise<T> {
  const release = await acquire(host);
  try {
    return await work();
  } finally {
    await release();
  }
}

async function acquire(host: Host): Promise<() => Promise<void>> {
  const folder = configFolder(host);
  try {
    // Not recursive: in a folder that refuses every entry Node would try for ever.
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o755 });
    const release = await lock(folder, {
      realpath: false,
      lockfilePath: `${folder}/login.lock`,
      stale: STALE_MS,
      retries: RETRIES,
      // Somebody took the lock for stale. Two refreshes at once are safe, an uncaught error is not.
      onCompromised: () => undefined,
    });
    return () => release().catch(() => undefined);
  } catch {
    return async () => undefined;
  }
}
