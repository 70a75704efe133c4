import { randomUUID } from 'node:crypto';
import { CredError } from '@credplex/core';
import { openTestStorage } from '@credplex/storage/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../config.ts';
import { createLogger } from '../logger.ts';
import { openBroker } from '../plexsphere/broker.ts';
import type { Runtime } from '../runtime.ts';
import { backgroundJobs } from './jobs.ts';

const NOW = new Date('2030-06-15T12:00:00Z');
const clock = { now: () => NOW };
const entropy = { bytes: (n: number) => Buffer.alloc(n, 1), below: () => 0, uuid: () => randomUUID() };

let storage: Awaited<ReturnType<typeof openTestStorage>>;
const logged: string[] = [];
beforeAll(async () => {
  storage = await openTestStorage();
});
afterAll(() => storage.close());

/** Runs one job with the settings of `text`. */
async function runJob(name: string, text = '', over: Partial<typeof storage> = {}): Promise<void> {
  const config = loadConfig({ env: {}, file: { path: 'test', text }, readFile: () => '' });
  const logger = createLogger('info', { write: (line: string) => logged.push(line) });
  const parts = { ...storage, ...over };
  const broker = await openBroker({ storage: parts, clock, entropy, credentialTtlSeconds: 1 });
  const runtime = { config, storage: parts, clock, entropy, logger } as unknown as Runtime;
  const jobs = backgroundJobs({ runtime, accounts: storage.accounts, broker, issuer: undefined });
  const job = jobs.find((one) => one.name === name);
  if (job === undefined) throw new Error(`no job ${name}`);
  await job.run(new AbortController().signal);
}

async function eventAges(): Promise<number[]> {
  const rows = await storage.sql.slowQuery<{ age: number }>(
    `select round(extract(epoch from $1::timestamptz - occurred_at) / 86400)::int as age from outbox order by 1`,
    [NOW],
  );
  return rows.map(({ age }) => age);
}

test('events leave the outbox after seven days, or after outbox.keep_days, however many there are', async () => {
  await storage.sql.slowQuery(
    `insert into outbox (id, type, occurred_at, actor, correlation_id, payload)
     select gen_random_uuid(), 'CloudCredentialIssued', $1::timestamptz - interval '1 day' * (case when n > 5 then 40 else n * 3 end), 'a', 'c', '{}'
     from generate_series(1, 2505) n`,
    [NOW],
  );
  await runJob('outbox', 'outbox: {keep_days: 30}');
  expect(await eventAges()).toEqual([3, 6, 9, 12, 15]);
  await runJob('outbox');
  expect(await eventAges()).toEqual([3, 6]);
});

test('a sweep logs how many rows failed and the first cause, and goes on', async () => {
  const at = { purpose: 'credhub', keyId: 'openbao:another/place' };
  for (const id of ['a', 'b']) await storage.intents.open(`credhub/${id}`, { ...at, id });
  logged.length = 0;
  await runJob('vault sweep');
  const [line] = logged.map((text) => JSON.parse(text));
  expect(line).toMatchObject({ level: 'warn', failed: 2, err: { code: 'encryption_key_missing' } });
  expect(line.msg).toContain('tried again later');
});

test('a sweep that fails only because of an outage fails as a job, so that it backs off', async () => {
  await storage.sql.slowQuery(`update intent set next_attempt_at = '-infinity', key_id = null`);
  const away = async (): Promise<never> => {
    throw new CredError('vault_unavailable');
  };
  const vault = { ...storage.vault, destroy: away };
  await expect(runJob('vault sweep', '', { vault })).rejects.toMatchObject({ code: 'vault_unavailable' });
});
