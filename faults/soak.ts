import { strict as assert } from 'node:assert';
import { startServer } from '@credplex/server/bench/environment';
import { residentTreeMiB } from '@credplex/server/bench/processes';
import { client, createStore, type Program, runConcurrently, stop } from './program.ts';

export const soak: Program = {
  name: 'soak',
  proves: 'a long mixed run answers everything and does not grow without bound',
  sizes: { small: 2_000, whole: 200_000 },
  async run(requests, options) {
    const store = await createStore('soak', options);
    const server = await startServer(store.env);
    try {
      const caller = await client(server, store.dataDir);
      const pid = server.process.pid ?? 0;
      const mixed = async (n: number): Promise<void> => {
        const name = `/soak/${n % 500}`;
        const answer = await (n % 5 === 0
          ? caller.call('PUT', '/api/v1/data', { name, type: 'value', value: 'x'.repeat(200) })
          : n % 50 === 1
            ? caller.call('GET', '/api/v1/data?path=/soak')
            : n % 250 === 2
              ? caller.call('DELETE', `/api/v1/data?name=${name}`)
              : caller.call('GET', `/api/v1/data?name=${name}&current=true`));
        assert.ok(answer.status < 500, `${answer.status}: ${answer.text}`);
      };
      await runConcurrently(16, Math.ceil(requests / 4), mixed);
      const early = residentTreeMiB(pid);
      await runConcurrently(16, requests, mixed);
      const late = residentTreeMiB(pid);
      assert.ok(
        late < early + 100 * options.workers,
        `resident memory grew from ${early.toFixed(0)} to ${late.toFixed(0)} MiB`,
      );
      return `${Math.ceil(requests * 1.25)} requests, no 5xx, resident ${early.toFixed(0)} MiB after a fifth, ${late.toFixed(0)} MiB at the end`;
    } finally {
      await stop(server);
      await store.stop();
    }
  },
};
