import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { startServer } from '@credplex/server/bench/environment';
import { peakMiB } from '@credplex/server/bench/processes';
import { ANNOUNCED, PREPARED_CREDENTIALS, SHAPES, type Shape } from './hostile-shapes.ts';
import type { LightLoad, LightResult } from './light-thread.ts';
import { client, type Program, stop } from './program.ts';

const MAX_MIB = 600;

const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });

interface Sent {
  readonly status: Promise<number>;
  end(): void;
}

/** Sends a request and discards the response body; a shape with `announced` gets no response. */
function send(base: string, token: string, shape: Shape): Sent {
  const { body, method, path, contentType = 'application/json', announced } = shape;
  const sent = request(new URL(path, base), {
    method,
    agent,
    headers: {
      authorization: `bearer ${token}`,
      'content-type': contentType,
      ...(announced === undefined ? {} : { 'content-length': announced }),
    },
  });
  const status = new Promise<number>((resolve, reject) => {
    sent.once('response', (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0));
      answer.once('error', reject);
    });
    sent.once('error', reject);
  });
  if (announced === undefined) sent.end(body);
  else sent.flushHeaders();
  return { status, end: () => sent.destroy() };
}

/** Starts a thread that sends light requests during the other load. */
function startLight(load: LightLoad) {
  const thread = new Worker(new URL('./light-thread.ts', import.meta.url), { workerData: load });
  const ask = (message: 'take' | 'stop'): Promise<LightResult> =>
    new Promise((resolve) => {
      thread.once('message', resolve);
      thread.postMessage(message);
    });
  return { take: () => ask('take'), stop: () => ask('stop') };
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 50));
}

interface Longest {
  ms: number;
  shape: string;
  count: number;
}

function checkLight({ count, longestMs, failures }: LightResult, shape: string, longest: Longest): void {
  assert.deepEqual(failures, [], `light requests failed beside ${shape}`);
  longest.count += count;
  if (longestMs <= longest.ms) return;
  longest.ms = longestMs;
  longest.shape = shape;
}

export const hostile: Program = {
  name: 'hostile',
  proves: 'other requests are answered during hostile requests, and the process stays below 600 MiB',
  sizes: { small: 1, whole: 3 },
  async run(rounds) {
    const shapes = SHAPES.filter(({ onlyWhole }) => rounds > 1 || onlyWhole !== true);
    const dataDir = mkdtempSync(join(tmpdir(), 'credplex-hostile-'));
    const server = await startServer({ CREDPLEX_DATA_DIR: dataDir, CREDPLEX_LEVEL: '2' });
    const pid = server.process.pid ?? 0;
    try {
      const caller = await client(server, dataDir);
      for (const body of PREPARED_CREDENTIALS)
        assert.equal((await caller.call('PUT', '/api/v1/data', body)).status, 200);
      const token = await caller.token();
      const light = startLight({ base: server.base, token });
      const longest: Longest = { ms: 0, shape: '', count: 0 };
      for (let round = 0; round < rounds; round += 1) {
        for (const shape of shapes) {
          await light.take();
          const sent = Array.from({ length: shape.times }, () => send(server.base, token, shape).status);
          for (const status of await Promise.all(sent))
            assert.ok(shape.statuses.includes(status), `${shape.name}: answered ${status}`);
          checkLight(await light.take(), shape.name, longest);
        }
        const waiting = Array.from({ length: ANNOUNCED.times }, () => send(server.base, token, ANNOUNCED));
        for (const { status } of waiting) status.catch(() => undefined);
        let answered = 0;
        await until(async () => {
          const seen = await light.take();
          checkLight(seen, ANNOUNCED.name, longest);
          answered += seen.count;
          return answered > 200;
        });
        for (const { end } of waiting) end();
      }
      checkLight(await light.stop(), 'nothing', longest);
      const peak = peakMiB(pid);
      assert.ok(peak < MAX_MIB, `the process took ${peak.toFixed(0)} MiB`);
      return `${rounds} rounds of ${shapes.length + 1} shapes, ${longest.count} light requests answered, the slowest in ${longest.ms.toFixed(0)} ms (${longest.shape}), at most ${peak.toFixed(0)} MiB`;
    } finally {
      await stop(server);
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
};
