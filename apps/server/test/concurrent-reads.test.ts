/** Concurrent reads share statements (docs/contribute/batching.md): nobody may notice. */
import { startOpenBao, type TestOpenBao } from '@credplex/storage/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sendConcurrentReads } from './harness/concurrent-reads.ts';
import { startServer, type TestServer } from './harness/server.ts';

const REQUESTS = 2_000;
const LIMIT_MS = 120_000;

describe.each([
  [1, 'PostgreSQL', 'sql'],
  [2, 'PostgreSQL', 'sql'],
  [2, 'the embedded store', 'sql'],
  [2, 'PostgreSQL', 'openbao'],
] as const)('level %i on %s with the vault %s', (level, store, vault) => {
  let server: TestServer;
  let bao: TestOpenBao | undefined;
  beforeAll(async () => {
    if (vault === 'openbao') bao = await startOpenBao({ kind: 'dev' });
    server = await startServer({
      level,
      ...(store === 'PostgreSQL' ? {} : { store: 'embedded' }),
      ...(bao && { openbao: { address: bao.address, token: bao.token } }),
    });
  }, LIMIT_MS);
  afterAll(async () => {
    await server?.stop();
    await bao?.stop();
  });

  test(
    'concurrent requests of many actors get the answers that they get alone',
    async () => {
      const seen = await sendConcurrentReads(server, { requests: REQUESTS });
      // On a busy machine the deadline of a statement may pass.
      expect(seen.unavailable).toBeLessThan(REQUESTS / 4);
      // What was drawn holds every kind: found, refused for its form, and not there or not for this actor.
      for (const status of [200, 400, 404]) expect(seen.statuses[status]).toBeGreaterThan(REQUESTS / 50);
    },
    LIMIT_MS,
  );
});
