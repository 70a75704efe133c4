import { existsSync, mkdirSync } from 'node:fs';
import { lock } from 'proper-lockfile';
import type { Host } from '../terminal/host.ts';
import { configFolder } from './config-file.ts';

/** A lock that was not updated for this long belongs to a killed process. */
const STALE_MS = 10_000;
/** About 60 s in total. A refresh that takes longer has failed. */
const RETRIES = { retries: 300, factor: 1.2, minTimeout: 10, maxTimeout: 200, randomize: true };

/**
 * Runs `work` while no other command with the same home folder refreshes or ends the stored login. If the lock cannot
 * be acquired (a read-only home, a hanging process), `work` runs without it. The server then decides which of two
 * concurrent refreshes is valid.
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
      // Another process considered the lock stale. Two concurrent refreshes are safe, an uncaught error is not.
      onCompromised: () => undefined,
    });
    return () => release().catch(() => undefined);
  } catch {
    return async () => undefined;
  }
}
