import { strict as assert } from 'node:assert';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '@credplex/server/bench/environment';
import { createDatabase, startOpenBaoCluster, startPostgres } from '@credplex/storage/testing';
import {
  type Answer,
  type Client,
  client,
  type Program,
  runConcurrently,
  type Server,
  stop,
  until,
} from './program.ts';

const LANES = 4;

function requireValue(answer: Answer, name: string, value: string): void {
  assert.equal(answer.status, 200, `${name} was acknowledged and its read is ${answer.status}: ${answer.text}`);
  const [found] = (JSON.parse(answer.text) as { data: { value: string }[] }).data;
  assert.equal(found?.value === value, true, `${name} has another value`);
}

function read(reader: Client, name: string): Promise<Answer> {
  return reader.call('GET', `/api/v1/data?name=${name}&current=true`);
}

export const standby: Program = {
  name: 'standby',
  proves:
    'with OpenBao addresses of standbys an acknowledged value is readable at once through every server, and survives a change of the active node',
  sizes: { small: 60, whole: 1_000 },
  async run(count) {
    const cluster = await startOpenBaoCluster();
    const postgres = await startPostgres();
    const dataDir = mkdtempSync(join(tmpdir(), 'credplex-standby-'));
    const url = await createDatabase({ server: postgres.url, empty: true });
    const servers: Server[] = [];
    const written = new Map<string, string>();
    try {
      const [active, ...standbys] = cluster.nodes;
      assert.ok(active !== undefined && standbys.length === 2);
      for (const [index, { address }] of standbys.entries()) {
        servers.push(
          await startServer({
            CREDPLEX_DATABASE_URL: url,
            CREDPLEX_ENCRYPTION_KEY: 'the key that both servers share',
            CREDPLEX_DATA_DIR: join(dataDir, String(index)),
            CREDPLEX_LEVEL: '2',
            CREDPLEX_VAULT: 'openbao',
            CREDPLEX_OPENBAO_ADDRESS: address,
            CREDPLEX_OPENBAO_TOKEN: cluster.token,
          }),
        );
      }
      // The first server has made the operator.
      const callers = await Promise.all(servers.map((server) => client(server, join(dataDir, '0'))));
      const write = async (n: number): Promise<Answer> => {
        const [name, value] = [`/standby/${n % (count / 2)}`, randomUUID()];
        const answer = await (callers[n % 2] as Client).call('PUT', '/api/v1/data', { name, type: 'password', value });
        if (answer.status === 200) written.set(name, value);
        return answer;
      };
      // Half of the names are written twice. Lanes take whole names, so that nobody else writes one in between.
      await runConcurrently(LANES, count / 2, async (half) => {
        for (const n of [half, half + count / 2]) {
          assert.equal((await write(n)).status, 200);
          const name = `/standby/${half}`;
          for (const reader of callers) requireValue(await read(reader, name), name, written.get(name) ?? '');
        }
      });

      await cluster.call(active, 'PUT', 'sys/step-down');
      await until('writes work after the step-down', async () => {
        const answer = await write(0);
        assert.ok(answer.status === 200 || answer.status === 503, `a write is ${answer.status}: ${answer.text}`);
        return answer.status === 200;
      });
      for (const reader of callers) {
        for (const [name, value] of written) requireValue(await read(reader, name), name, value);
      }
      return `${count} writes, each read at once at two standbys; all read back after the active node stepped down`;
    } finally {
      for (const server of servers) await stop(server);
      await cluster.stop();
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
};
