import { strict as assert } from 'node:assert';
import { randomUUID } from 'node:crypto';
import { startServer } from '@credplex/server/bench/environment';
import { client, createStore, type Program, stop } from './program.ts';

/** Writes until the process dies; resolves to the acknowledged writes. */
async function writeUntilDeath(
  caller: Awaited<ReturnType<typeof client>>,
  round: number,
): Promise<Map<string, string>> {
  const acknowledged = new Map<string, string>();
  let alive = true;
  caller.server.process.once('exit', () => {
    alive = false;
  });
  const worker = async (worker: number): Promise<void> => {
    for (let n = 0; alive; n += 1) {
      const name = `/kill/${round}/${worker}/${n}`;
      const value = randomUUID();
      try {
        const answer = await caller.call('PUT', '/api/v1/data', { name, type: 'password', value });
        if (answer.status === 200) acknowledged.set(name, value);
      } catch {
        return;
      }
      if (acknowledged.size === 100) caller.server.process.kill('SIGKILL');
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, n) => worker(n)));
  return acknowledged;
}

export const kill: Program = {
  name: 'kill',
  proves: 'an acknowledged write survives kill -9 of the server; with one worker on the embedded store',
  sizes: { small: 2, whole: 15 },
  async run(rounds, options) {
    const store = await createStore('kill', options);
    const { env, dataDir } = store;
    const all = new Map<string, string>();
    let server = await startServer(env);
    try {
      for (let round = 0; round < rounds; round += 1) {
        const written = await writeUntilDeath(await client(server, dataDir), round);
        assert.ok(written.size >= 100, `only ${written.size} writes before the kill`);
        for (const [name, value] of written) all.set(name, value);
        server = await startServer(env);
        const caller = await client(server, dataDir);
        for (const [name, value] of written) {
          const answer = await caller.call('GET', `/api/v1/data?name=${name}&current=true`);
          assert.equal(answer.status, 200, `${name} was acknowledged and is gone`);
          const [found] = (JSON.parse(answer.text) as { data: { value: string }[] }).data;
          assert.equal(found?.value === value, true, `${name} has another value`);
        }
      }
      return `${rounds} kills, ${all.size} acknowledged writes, all read back`;
    } finally {
      await stop(server);
      await store.stop();
    }
  },
};
