import { strict as assert } from 'node:assert';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '@credplex/server/bench/environment';
import { createDatabase, startPostgres } from '@credplex/storage/testing';
import {
  type Client,
  client,
  idOf,
  type Program,
  type ProgramOptions,
  requireNo5xx,
  runConcurrently,
  type Server,
  stop,
  versionIds,
} from './program.ts';
import { checkSigners } from './race-signers.ts';

const LANES = 64;
const NAMES = 8;

function generate(name: string, mode: string) {
  return { name, type: 'password', mode, parameters: { length: 20 } };
}

function set(name: string) {
  return { name, type: 'password', value: randomUUID() };
}

async function withTwoServers<T>(
  { workers }: ProgramOptions,
  work: (clients: readonly [Client, Client]) => Promise<T>,
): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'credplex-race-'));
  const configFile = join(dataDir, 'race.yml');
  writeFileSync(configFile, 'certificates:\n  concatenate_cas: true\n');
  const servers: Server[] = [];
  const postgres = await startPostgres();
  try {
    const env = {
      CREDPLEX_DATABASE_URL: await createDatabase({ server: postgres.url, empty: true }),
      CREDPLEX_DATA_DIR: dataDir,
      CREDPLEX_LEVEL: '2',
      CREDPLEX_CONFIG: configFile,
      CREDPLEX_WORKERS: String(workers),
    };
    const a = await startServer(env);
    servers.push(a);
    const b = await startServer(env);
    servers.push(b);
    return await work([await client(a, dataDir), await client(b, dataDir)]);
  } finally {
    await Promise.all(servers.map((server) => stop(server)));
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Checks that concurrent no-overwrite and converge of a new name return the same version. */
async function checkOneWinner(clients: readonly Client[], round: number): Promise<void> {
  const names = Array.from({ length: NAMES }, (_, n) => `/race/${round}/winner/${n}`);
  const seen = new Map<string, Set<string>>(names.map((name) => [name, new Set()]));
  await runConcurrently(LANES, LANES * 2, async (n) => {
    const name = names[n % NAMES] ?? '';
    const mode = n % 3 === 0 ? 'converge' : 'no-overwrite';
    const answer = requireNo5xx(await (clients[n % 2] as Client).call('POST', '/api/v1/data', generate(name, mode)));
    assert.equal(answer.status, 200, answer.text);
    seen.get(name)?.add(idOf(answer));
  });
  for (const [name, ids] of seen) assert.equal(ids.size, 1, `${name} was created ${ids.size} times`);
}

/** Checks that exactly the acknowledged versions are stored. */
async function checkNothingLost(clients: readonly Client[], round: number): Promise<number> {
  const names = Array.from({ length: NAMES }, (_, n) => `/race/${round}/kept/${n}`);
  const acknowledged = new Map<string, string[]>(names.map((name) => [name, []]));
  await runConcurrently(LANES, LANES * 4, async (n) => {
    const name = names[n % NAMES] ?? '';
    const caller = clients[n % 2] as Client;
    const answer =
      n % 2 === 0
        ? await caller.call('PUT', '/api/v1/data', set(name))
        : await caller.call('POST', '/api/v1/data', generate(name, 'overwrite'));
    assert.equal(requireNo5xx(answer).status, 200, answer.text);
    acknowledged.get(name)?.push(idOf(answer));
  });
  let count = 0;
  for (const [name, ids] of acknowledged) {
    const stored = versionIds(await (clients[0] as Client).call('GET', `/api/v1/data?name=${name}`));
    assert.deepEqual([...stored].sort(), [...ids].sort(), `${name}: versions stored and acknowledged differ`);
    count += stored.length;
  }
  return count;
}

/** Checks concurrent set, generate and delete: no 5xx, and all remaining versions were acknowledged. */
async function checkWithDeletes(clients: readonly Client[], round: number): Promise<void> {
  const names = Array.from({ length: NAMES }, (_, n) => `/race/${round}/gone/${n}`);
  const acknowledged = new Set<string>();
  await runConcurrently(LANES, LANES * 6, async (n) => {
    const name = names[(n * 7) % NAMES] ?? '';
    const caller = clients[n % 2] as Client;
    if (n % 4 === 3) {
      const answer = requireNo5xx(await caller.call('DELETE', `/api/v1/data?name=${name}`));
      assert.ok(answer.status === 204 || answer.status === 404, `${answer.status}`);
      return;
    }
    const bodies = [
      ['PUT', set(name)],
      ['POST', generate(name, 'no-overwrite')],
      ['POST', generate(name, 'converge')],
    ] as const;
    const [method, body] = bodies[n % 4] ?? bodies[0];
    const answer = requireNo5xx(await caller.call(method, '/api/v1/data', body));
    assert.equal(answer.status, 200, answer.text);
    acknowledged.add(idOf(answer));
  });
  for (const name of names) {
    for (const id of versionIds(requireNo5xx(await (clients[1] as Client).call('GET', `/api/v1/data?name=${name}`))))
      assert.ok(acknowledged.has(id), `${name} has a version that was not acknowledged`);
  }
}

export const race: Program = {
  name: 'race',
  proves:
    'two servers on one PostgreSQL: no 5xx, no lost version, one winner for each no-overwrite, and certificates agree with their CA',
  sizes: { small: 3, whole: 40 },
  run: (rounds, options) =>
    withTwoServers(options, async (clients) => {
      let versions = 0;
      for (let round = 0; round < rounds; round += 1) {
        await checkOneWinner(clients, round);
        versions += await checkNothingLost(clients, round);
        await checkWithDeletes(clients, round);
        await checkSigners(clients, round);
      }
      return `${rounds} rounds, ${LANES} at once on ${NAMES} names through 2 servers: ${versions} versions, none lost, no 5xx`;
    }),
};
