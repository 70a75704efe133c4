import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { sendConcurrentReads } from '@credplex/server/test/harness/concurrent-reads';
import { startServer } from '@credplex/server/test/harness/server';
import { isAlive, runningPostmaster } from '@credplex/storage/testing';
import type { Program } from './program.ts';

/** Requests between two kills. */
const EVERY = 2_000;

export const reads: Program = {
  name: 'reads',
  proves:
    'concurrent reads of actors with different permissions get the answers that they get alone, also while the database is killed',
  sizes: { small: 2, whole: 20 },
  async run(kills) {
    const server = await startServer({ level: 2, store: 'embedded' });
    const data = join(server.folder, 'data', 'postgres');
    let killed = 0;
    try {
      const seen = await sendConcurrentReads(server, {
        requests: (kills + 1) * EVERY,
        onProgress(done) {
          if (killed === kills || done < (killed + 1) * EVERY) return;
          const running = runningPostmaster(data)?.pid;
          // Requests that need no database are answered while it is restarted.
          if (running === undefined || !isAlive(running)) return;
          process.kill(running, 'SIGKILL');
          killed += 1;
        },
      });
      assert.equal(killed, kills);
      return `${kills} kills, ${seen.answered} answers equal to those alone, ${seen.unavailable} 503, ${seen.cancelled} callers gone`;
    } finally {
      await server.stop();
    }
  },
};
