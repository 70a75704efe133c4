/** Sweeps try each row on its own, and nothing is recorded as done that did not happen. */
import { randomUUID } from 'node:crypto';
import { sweepExpired, sweepIntents, sweepVaultRevocations } from '@credplex/core';
import { openTestStorage, startOpenBao, type TestOpenBao } from '@credplex/storage/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openTestApi, type TestApi, type TestUser } from './testing/api.ts';
import { expectProblem } from './testing/expect.ts';

const ELSEWHERE = 'openbao:another/place';

let bao: TestOpenBao;
let api: TestApi;
let owner: TestUser & { readonly cloudId: string };
beforeAll(async () => {
  bao = await startOpenBao({ kind: 'dev' });
});
afterAll(() => bao.stop());
beforeEach(async () => {
  api = await openTestApi({ vault: bao });
  owner = await api.cloudOwner();
  return () => api.close();
});

async function issued(): Promise<string> {
  return (await api.issue(owner)).json.id as string;
}

function revoke(id: string) {
  return api.sendRaw('POST', `/v1/cloud-credentials/${id}/revoke`, { token: owner.token, body: { reason: 'leak' } });
}

function heldElsewhere(id: string) {
  return api.storage.sql.slowQuery('update cloud_credential set sealed_key_id = $2 where id = $1', [id, ELSEWHERE]);
}

async function stampOf(id: string): Promise<boolean> {
  const [row] = await api.storage.sql.slowQuery<{ stamped: boolean }>(
    'select vault_revoked_at is not null as stamped from cloud_credential where id = $1',
    [id],
  );
  return row?.stamped ?? false;
}

test('a revocation of a secret that another vault holds is 503, is not recorded as done, and blocks no other', async () => {
  const [lost, here] = [await issued(), await issued()];
  await heldElsewhere(lost);
  const answer = await revoke(lost);
  expectProblem(answer, 503, 'openbao_unavailable');
  expect(answer.headers.get('retry-after')).toBeNull();
  await api.storage.sql.slowQuery('update cloud_credential set revoked_at = now() where id = $1', [here]);
  const report = await sweepVaultRevocations(api.broker);
  expect(report).toMatchObject({ done: 1, failed: 1, failure: { code: 'encryption_key_missing' } });
  expect([await stampOf(lost), await stampOf(here)]).toEqual([false, true]);
  // Tried again later, and then with the vault in place.
  expect(await sweepVaultRevocations(api.broker)).toMatchObject({ done: 0, failed: 0 });
  await api.storage.sql.slowQuery('update cloud_credential set sealed_key_id = $2 where id = $1', [
    lost,
    api.storage.vault.activeKeyId(),
  ]);
  api.later(600_000);
  expect(await sweepVaultRevocations(api.broker)).toMatchObject({ done: 1, failed: 0 });
  expect(await stampOf(lost)).toBe(true);
});

test('without an OpenBao in the settings a revocation is not recorded as done', async () => {
  const id = await issued();
  await api.storage.sql.slowQuery('update cloud_credential set revoked_at = now() where id = $1', [id]);
  const [database] = await api.storage.sql.slowQuery<{ url: string }>(
    `select format('postgres://%s@/%s?host=%s&port=%s', current_user, current_database(),
       split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port')) as url`,
  );
  const sql = await openTestStorage({ databaseUrl: database?.url ?? '' });
  try {
    const report = await sweepVaultRevocations({ ...api.broker, vault: sql.vault, records: sql.plexsphere });
    expect(report).toMatchObject({ done: 0, failed: 1 });
    expect(await stampOf(id)).toBe(false);
  } finally {
    await sql.close();
  }
});

test('an intent of another vault stays, and those behind it are swept', async () => {
  const { intents, vault } = api.storage;
  const [lost, here] = [randomUUID(), randomUUID()];
  const open = (id: string, keyId: string) => intents.open(`credhub/${id}`, { purpose: 'credhub', id, keyId });
  await open(lost, ELSEWHERE);
  await open(here, vault.activeKeyId());
  const at = new Date(Date.now() + 60_000);
  expect(await sweepIntents(api.broker, { openedBefore: at, at })).toMatchObject({ done: 1, failed: 1 });
  expect(await api.storage.sql.slowQuery('select ref from intent')).toEqual([{ ref: lost }]);
});

test('a credential that cannot be stamped as expired does not keep others from expiring', async () => {
  const [bad, good] = [await issued(), await issued()];
  const { sql } = api.storage;
  await sql.slowQuery('update cloud_credential set expires_at = created_at');
  await sql.slowQuery(
    `create function refuse_expiry() returns trigger language plpgsql as $$
     begin if new.payload like '%${bad}%' then raise exception 'no'; end if; return new; end $$`,
  );
  await sql.slowQuery('create trigger refuse before insert on outbox for each row execute function refuse_expiry()');
  const sweep = () => sweepExpired(api.broker, { requestId: 'test' });
  expect(await sweep()).toMatchObject({ done: 1, failed: 1 });
  await sql.slowQuery('drop trigger refuse on outbox');
  expect(await sweep()).toMatchObject({ done: 1, failed: 0 });
  const rows = await sql.slowQuery<{ id: string }>('select id from cloud_credential where expired_at is not null');
  expect(rows.map(({ id }) => id).sort()).toEqual([bad, good].sort());
});
