import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { sendConcurrentReads } from '@credplex/server/test/harness/concurrent-reads';
import { startServer } from '@credplex/server/test/harness/server';
import { runningPostmaster } from '@credplex/storage/testing';
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
    let dead = 0;
    const isDown = (): boolean => dead !== 0 && [undefined, dead].includes(runningPostmaster(data)?.pid);
    let lastDown = 0;
    try {
      const seen = await sendConcurrentReads(server, {
        requests: (kills + 1) * EVERY,
        onRequest(sent) {
          if (sent === 0 || sent % EVERY !== 0) return;
          dead = runningPostmaster(data)?.pid ?? 0;
          assert.notEqual(dead, 0, 'no PostgreSQL to kill');
          lastDown = performance.now();
          process.kill(dead, 'SIGKILL');
        },
        // A request that was sent just before it was up again may still wait for a statement of the one that died.
        mayBeUnavailable() {
          if (isDown()) lastDown = performance.now();
          return lastDown !== 0 && performance.now() - lastDown < 5_000;
        },
      });
      assert.ok(seen.answered > EVERY, `only ${seen.answered} answers`);
      return `${kills} kills, ${seen.answered} answers equal to those alone, ${seen.unavailable} 503, ${seen.cancelled} callers gone`;
    } finally {
      await server.stop();
    }
  },
};
