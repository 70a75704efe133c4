import { openTestStorage, startOpenBao, type TestOpenBao } from '@credplex/storage/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startJobs } from './background.ts';
import { vaultTokenJob } from './vault-token.ts';

type Vault = Parameters<typeof vaultTokenJob>[0]['vault'];

let server: TestOpenBao;
beforeAll(async () => {
  server = await startOpenBao({ kind: 'dev' });
});
afterAll(() => server.stop());

test('a renewable token is renewed when half of its life is over', async () => {
  const token = server.bao('token', 'create', '-field=token', '-ttl=2h', '-policy=default').trim();
  const secondsLeft = (): number => JSON.parse(server.bao('token', 'lookup', '-format=json', token)).data.ttl;
  server.bao('token', 'renew', '-increment=600', token);
  expect(secondsLeft()).toBeLessThanOrEqual(600);
  const storage = await openTestStorage({ vault: { ...server, token } });
  const [openbao] = storage.remoteVaults;
  const job = openbao && vaultTokenJob(openbao, { warn: () => {} });
  if (job === undefined) throw new Error('no OpenBao');
  const jobs = startJobs([job], { warn: () => {} });
  try {
    await expect.poll(secondsLeft, { timeout: 30_000, interval: 200 }).toBeGreaterThan(3_600);
  } finally {
    await jobs.stop();
    await storage.close();
  }
});

test('a token that ends for good is logged when that is noticed and whenever half of the rest is over', async () => {
  const warned: unknown[] = [];
  const left = [1_000, 900, 500, 400, 200, 5_000, undefined, 4_000];
  const vault = {
    renewTokenIfDue: async () => {
      const secondsLeft = left.shift();
      const end = secondsLeft === undefined ? ('renewed' as const) : ('final' as const);
      return { end, secondsLeft, nextCheckSeconds: 7, text: 'text' };
    },
  } as unknown as Vault;
  const job = vaultTokenJob({ kind: 'openbao', vault }, { warn: ({ seconds_left }) => warned.push(seconds_left) });
  while (left.length > 0) expect(await job?.run(AbortSignal.abort())).toBe(7);
  expect(warned).toEqual([1_000, 500, 200, 5_000, 4_000]);
});
