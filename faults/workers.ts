import { strict as assert } from 'node:assert';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startServer } from '@credplex/server/bench/environment';
import { type Client, client, createStore, type Program, runConcurrently, stop, until } from './program.ts';

const CLIENTS = 16;
/** Acknowledged writes before each kill. */
const WRITES = 100;
const LOST_CONNECTION = /ECONNRESET|EPIPE|socket hang up/;

function pidOf(dataDir: string, worker: number): number {
  const { workers } = JSON.parse(readFileSync(join(dataDir, 'workers.json'), 'utf8')) as {
    workers: { worker: number; pid: number }[];
  };
  return workers.find((one) => one.worker === worker)?.pid ?? 0;
}

interface Load {
  readonly acknowledged: ReadonlyMap<string, string>;
  lost(): number;
  /** Ends the load. @throws AssertionError for an answer that is no 200 */
  end(): Promise<void>;
}

function startLoad(caller: Client): Load {
  const acknowledged = new Map<string, string>();
  let lost = 0;
  let isDone = false;
  const writer = async (lane: number): Promise<void> => {
    for (let n = 0; !isDone; n += 1) {
      const name = `/workers/${lane}/${n}`;
      const value = randomUUID();
      try {
        const { status, text } = await caller.call('PUT', '/api/v1/data', { name, type: 'password', value });
        assert.equal(status, 200, text);
        acknowledged.set(name, value);
      } catch (error) {
        if (!(error instanceof Error && LOST_CONNECTION.test(`${error.message}`))) throw error;
        lost += 1;
      }
    }
  };
  const writers = Promise.all(Array.from({ length: CLIENTS }, (_, lane) => writer(lane)));
  // A failure is reported by `end`.
  writers.catch(() => undefined);
  return {
    acknowledged,
    lost: () => lost,
    async end() {
      isDone = true;
      await writers;
    },
  };
}

export const workers: Program = {
  name: 'workers',
  proves: 'a worker that is killed under load costs requests on its own connections only, and no acknowledged write',
  sizes: { small: 4, whole: 60 },
  async run(kills, options) {
    const count = Math.max(2, options.workers);
    const store = await createStore('workers', { workers: count });
    const server = await startServer(store.env);
    try {
      await until('every worker runs', async () => pidOf(store.dataDir, count) > 0);
      const caller = await client(server, store.dataDir);
      const load = startLoad(caller);
      for (let n = 0; n < kills; n += 1) {
        const before = load.acknowledged.size;
        await until('writes go on', async () => load.acknowledged.size >= before + WRITES);
        const worker = (n % count) + 1;
        const pid = pidOf(store.dataDir, worker);
        process.kill(pid, 'SIGKILL');
        await until('the worker is replaced', async () => ![0, pid].includes(pidOf(store.dataDir, worker)));
      }
      await load.end();
      assert.ok(load.lost() <= kills * CLIENTS, `${load.lost()} requests were lost`);
      const written = [...load.acknowledged];
      await runConcurrently(CLIENTS, written.length, async (n) => {
        const [name, value] = written[n] ?? ['', ''];
        const answer = await caller.call('GET', `/api/v1/data?name=${name}&current=true`);
        assert.equal(answer.status, 200, `${name} was acknowledged and is gone`);
        const [found] = (JSON.parse(answer.text) as { data: { value: string }[] }).data;
        assert.equal(found?.value === value, true, `${name} has another value`);
      });
      return `${kills} workers of ${count} killed, ${load.lost()} requests lost with their connections, ${written.length} acknowledged writes, all read back`;
    } finally {
      await stop(server);
      await store.stop();
    }
  },
};
