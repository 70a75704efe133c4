import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '@credplex/server/bench/environment';
import { signalTree } from '@credplex/server/bench/processes';
import { createDatabase, startPostgres } from '@credplex/storage/testing';
import { client, type Program, runConcurrently, stop, until } from './program.ts';

export const outage: Program = {
  name: 'outage',
  proves:
    'while PostgreSQL hangs, requests get 503 within seconds; afterwards they succeed without a restart of the server',
  sizes: { small: 1, whole: 6 },
  async run(rounds, { workers }) {
    const postgres = await startPostgres();
    const dataDir = mkdtempSync(join(tmpdir(), 'credplex-outage-'));
    const server = await startServer({
      CREDPLEX_DATABASE_URL: await createDatabase({ server: postgres.url, empty: true }),
      CREDPLEX_DATA_DIR: dataDir,
      CREDPLEX_LEVEL: '2',
      CREDPLEX_WORKERS: String(workers),
    });
    const body = (n: number) => ({ name: `/outage/${n}`, type: 'value', value: 'v' });
    let refused = 0;
    try {
      const caller = await client(server, dataDir);
      for (let round = 0; round < rounds; round += 1) {
        assert.equal((await caller.call('PUT', '/api/v1/data', body(round))).status, 200);
        // SIGSTOP leaves connections open without answers, which is worse than a refused connection.
        signalTree(postgres.pid, 'SIGSTOP');
        await runConcurrently(16, 32, async (n) => {
          const answer = await caller.call(
            n % 2 === 0 ? 'GET' : 'PUT',
            '/api/v1/data?name=/outage/0',
            n % 2 === 0 ? undefined : body(n),
          );
          assert.equal(answer.status, 503, `${answer.status}: ${answer.text}`);
          refused += 1;
        });
        assert.equal((await caller.call('GET', '/health')).status, 200);
        signalTree(postgres.pid, 'SIGCONT');
        await until(
          'reads work again',
          async () => (await caller.call('GET', '/api/v1/data?name=/outage/0')).status === 200,
        );
        await until(
          'writes work again',
          async () => (await caller.call('PUT', '/api/v1/data', body(99))).status === 200,
        );
      }
      return `${rounds} outages, ${refused} requests answered 503, service back each time`;
    } finally {
      signalTree(postgres.pid, 'SIGCONT');
      await stop(server);
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
};
