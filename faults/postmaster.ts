import { strict as assert } from 'node:assert';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '@credplex/server/bench/environment';
import { runningPostmaster, serverProcesses } from '@credplex/storage/testing';
import { type Client, client, type Program, stop, until } from './program.ts';

const LANES = 8;
const WRITES_BEFORE = 100;
const WRITES_AFTER = 40;
const DEADLINE_MS = 60_000;

interface Round {
  /** Name and value of every acknowledged write. */
  readonly acknowledged: ReadonlyMap<string, string>;
  readonly refused: number;
  readonly recoveryMs: number;
}

/** Writes concurrently, kills the postmaster, and continues until its successor has acknowledged writes. */
async function killUnderWrites(caller: Client, data: string, round: number): Promise<Round> {
  const acknowledged = new Map<string, string>();
  const dead = runningPostmaster(data)?.pid ?? 0;
  let refused = 0;
  let killedAt: number | undefined;
  let recoveredAt: number | undefined;
  let after = 0;
  async function write(name: string): Promise<void> {
    const value = randomUUID();
    const sentAt = performance.now();
    const answer = await caller.call('PUT', '/api/v1/data', { name, type: 'password', value });
    if (answer.status === 200) {
      acknowledged.set(name, value);
      // The old server may have answered a write that was sent before the kill.
      if (killedAt === undefined || sentAt < killedAt || [0, dead].includes(runningPostmaster(data)?.pid ?? 0)) return;
      recoveredAt ??= performance.now();
      after += 1;
      return;
    }
    refused += 1;
    assert.deepEqual([answer.status, answer.retryAfter], [503, '1'], `${answer.status}: ${answer.text}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  async function writeOn(lane: number): Promise<void> {
    for (let n = 0; after < WRITES_AFTER; n += 1) {
      assert.ok(killedAt === undefined || performance.now() < killedAt + DEADLINE_MS, 'no recovery within 60 s');
      await write(`/postmaster/${round}/${lane}/${n}`);
      if (killedAt === undefined && acknowledged.size >= WRITES_BEFORE) {
        killedAt = performance.now();
        process.kill(dead, 'SIGKILL');
      }
    }
  }
  await Promise.all(Array.from({ length: LANES }, (_, lane) => writeOn(lane)));
  return { acknowledged, refused, recoveryMs: (recoveredAt ?? 0) - (killedAt ?? 0) };
}

async function readBack(caller: Client, acknowledged: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, value] of acknowledged) {
    const answer = await caller.call('GET', `/api/v1/data?name=${name}&current=true`);
    assert.equal(answer.status, 200, `${name} was acknowledged and is gone`);
    const [found] = (JSON.parse(answer.text) as { data: { value: string }[] }).data;
    assert.equal(found?.value === value, true, `${name} has another value`);
  }
}

export const postmaster: Program = {
  name: 'postmaster',
  proves: 'a killed embedded PostgreSQL is restarted under the server: 503 with Retry-After meanwhile, no write lost',
  sizes: { small: 2, whole: 20 },
  async run(rounds) {
    const dataDir = mkdtempSync(join(tmpdir(), 'credplex-postmaster-'));
    const data = join(dataDir, 'postgres');
    const server = await startServer({ CREDPLEX_DATA_DIR: dataDir, CREDPLEX_LEVEL: '2' });
    const recoveries: number[] = [];
    let writes = 0;
    let refused = 0;
    try {
      const caller = await client(server, dataDir);
      for (let round = 0; round < rounds; round += 1) {
        const seen = await killUnderWrites(caller, data, round);
        await readBack(caller, seen.acknowledged);
        recoveries.push(seen.recoveryMs);
        writes += seen.acknowledged.size;
        refused += seen.refused;
      }
      assert.equal(server.process.exitCode, null, 'the server ended');
    } finally {
      await stop(server);
      await until('every process of PostgreSQL is gone', async () => serverProcesses(data).length === 0);
      rmSync(dataDir, { recursive: true, force: true });
    }
    recoveries.sort((a, b) => a - b);
    const seconds = (ms: number | undefined): string => `${((ms ?? 0) / 1000).toFixed(1)} s`;
    const usual = seconds(recoveries[Math.floor(recoveries.length / 2)]);
    return `${rounds} kills, ${writes} acknowledged writes read back, ${refused} refused with 503; writes again after ${usual} (median), ${seconds(recoveries.at(-1))} at most`;
  },
};
