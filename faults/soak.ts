import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '@credplex/server/bench/environment';
import { residentMiB } from '@credplex/server/bench/processes';
import { client, type Program, runConcurrently, stop } from './program.ts';

export const soak: Program = {
  name: 'soak',
  proves: 'a long mixed run answers everything and does not grow without bound',
  sizes: { small: 2_000, whole: 200_000 },
  async run(requests) {
    const dataDir = mkdtempSync(join(tmpdir(), 'credplex-soak-'));
    const server = await startServer({ CREDPLEX_DATA_DIR: dataDir, CREDPLEX_LEVEL: '2' });
    try {
      const caller = await client(server, dataDir);
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
      const early = residentMiB(pid);
      await runConcurrently(16, requests, mixed);
      const late = residentMiB(pid);
      assert.ok(late < early + 100, `resident memory grew from ${early.toFixed(0)} to ${late.toFixed(0)} MiB`);
      return `${Math.ceil(requests * 1.25)} requests, no 5xx, resident ${early.toFixed(0)} MiB after a fifth, ${late.toFixed(0)} MiB at the end`;
    } finally {
      await stop(server);
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
};
