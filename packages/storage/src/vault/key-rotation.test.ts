import { CredError, secret } from '@credplex/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anyone, version, write } from '../conformance/fixtures.ts';
import { resealAll, type Storage, usedKeys } from '../index.ts';
import { createDatabase, openTestStorage, startOpenBao, type TestOpenBao } from '../testing/index.ts';
import { addKey } from './key-ring.ts';

let server: TestOpenBao;
beforeAll(async () => {
  server = await startOpenBao({ kind: 'dev' });
});
afterAll(() => server.stop());

function key(name: string, active: boolean) {
  return { name, active, passphrase: secret(name.repeat(32)) };
}
const firstKeyOnly = { keys: [key('11', true)] };

async function set(storage: Storage, name: string, value = `value of ${name}`): Promise<string> {
  const newVersion = version();
  const ref = { purpose: 'credhub', id: newVersion.id, path: `credhub/${newVersion.id}` } as const;
  const intent = storage.vault.remote
    ? await storage.intents.open(ref.path, { ...ref, keyId: storage.vault.activeKeyId() })
    : undefined;
  const sealed = await storage.vault.seal(ref, { value: secret(value) });
  const result = await storage.credentials.write(write(name, { version: { ...newVersion, sealed }, intent }));
  expect(result.outcome).toBe('written');
  return newVersion.id;
}

function claimStale(storage: Storage) {
  const at = new Date(Date.now() + 60_000);
  return storage.intents.claimStale({ openedBefore: at, at, limit: 10 });
}

async function get(storage: Storage, id: string): Promise<string | undefined> {
  const row = await storage.credentials.readById({ access: anyone, id });
  if (!row) return undefined;
  return (await storage.vault.open({ purpose: 'credhub', id, path: `credhub/${id}` }, row.sealed)).value?.reveal();
}

test('a rotation reseals every value under the active key in batches, and all values stay readable', async () => {
  const databaseUrl = await createDatabase();
  const before = await openTestStorage({ databaseUrl, encryption: firstKeyOnly });
  const ids = await Promise.all(Array.from({ length: 23 }, (_, index) => set(before, `/r/${index}`)));
  const shared = before.keyRing.seal({ purpose: 'shared', id: 's', path: 'shared/s' }, { value: secret('shared') });
  await before.shared.putIfAbsent('s', { id: 's', sealed: shared });
  await addKey(before.sql, key('22', true));
  await before.close();
  const after = await openTestStorage({ databaseUrl, encryption: { keys: [key('11', false), key('22', true)] } });
  const steps: number[] = [];
  const result = await resealAll(after, { maxRows: 10, onProgress: (progress) => steps.push(progress.resealed) });
  expect(result).toMatchObject({ resealed: 24, unknownKey: 0, failed: 0 });
  expect(steps).toEqual([10, 20, 23, 24]);
  expect([...(await usedKeys(after.sql)).keys()]).toEqual([after.keyRing.activeKeyId()]);
  expect(await Promise.all(ids.map((id) => get(after, id)))).toEqual(ids.map((_, index) => `value of /r/${index}`));
  expect(await resealAll(after)).toMatchObject({ resealed: 0 });
  await after.close();
});

test('a batch ends with the value that reaches its bytes, and every value is resealed, however large', async () => {
  const databaseUrl = await createDatabase();
  const before = await openTestStorage({ databaseUrl, encryption: firstKeyOnly });
  const ids: string[] = [];
  for (let index = 0; index < 5; index++) ids.push(await set(before, `/l/${index}`, 'x'.repeat(64 * 1024)));
  await addKey(before.sql, key('22', true));
  await before.close();
  const keys = [key('11', false), key('22', true)];
  const after = await openTestStorage({ databaseUrl, encryption: { keys } });
  const steps: number[] = [];
  const onProgress = ({ resealed }: { resealed: number }) => void steps.push(resealed);
  expect(await resealAll(after, { maxBytes: 100 * 1024, onProgress })).toMatchObject({ resealed: 5, failed: 0 });
  expect(steps).toEqual([2, 4, 5]);
  await addKey(after.sql, key('33', true));
  await after.close();
  const third = await openTestStorage({ databaseUrl, encryption: { keys: [key('22', false), key('33', true)] } });
  expect(await resealAll(third, { maxBytes: 1 })).toMatchObject({ resealed: 5, failed: 0 });
  for (const id of ids) expect((await get(third, id))?.length).toBe(64 * 1024);
  await third.close();
});

test('an interrupted rotation among three keys is resumed', async () => {
  const databaseUrl = await createDatabase();
  const oldest = await openTestStorage({ databaseUrl, encryption: firstKeyOnly });
  const ids = await Promise.all(Array.from({ length: 6 }, (_, index) => set(oldest, `/oldest/${index}`)));
  await addKey(oldest.sql, key('22', true));
  await oldest.close();
  const middle = await openTestStorage({ databaseUrl, encryption: { keys: [key('11', false), key('22', true)] } });
  ids.push(...(await Promise.all(Array.from({ length: 6 }, (_, index) => set(middle, `/middle/${index}`)))));
  await addKey(middle.sql, key('33', true));
  await middle.close();
  const keys = [key('11', false), key('22', false), key('33', true)];
  const interrupted = await openTestStorage({ databaseUrl, encryption: { keys } });
  const stop = new AbortController();
  const part = await resealAll(interrupted, { maxRows: 5, signal: stop.signal, onProgress: () => stop.abort() });
  expect(part.resealed).toBe(5);
  await interrupted.close();
  const after = await openTestStorage({ databaseUrl, encryption: { keys } });
  expect(await resealAll(after, { maxRows: 5 })).toMatchObject({ resealed: 7, unknownKey: 0, failed: 0 });
  expect([...(await usedKeys(after.sql))]).toEqual([[after.keyRing.activeKeyId(), 12]]);
  expect((await Promise.all(ids.map((id) => get(after, id)))).at(-1)).toBe('value of /middle/5');
  await after.close();
});

test('values under a key that is not configured stay unchanged and are counted', async () => {
  const databaseUrl = await createDatabase();
  const before = await openTestStorage({ databaseUrl, encryption: firstKeyOnly });
  const id = await set(before, '/lost');
  await addKey(before.sql, key('22', true));
  await before.close();
  const after = await openTestStorage({ databaseUrl, encryption: { keys: [key('22', true)] } });
  expect(await resealAll(after)).toMatchObject({ resealed: 0, unknownKey: 1 });
  await expect(get(after, id)).rejects.toMatchObject({ code: 'encryption_key_missing' });
  await after.close();
});

test('values move into OpenBao and back, and leave no orphaned document', async () => {
  const databaseUrl = await createDatabase();
  const sql = await openTestStorage({ databaseUrl, encryption: firstKeyOnly });
  const id = await set(sql, '/moves');
  await sql.close();
  const remote = await openTestStorage({ databaseUrl, encryption: firstKeyOnly, vault: server });
  expect(await get(remote, id)).toBe('value of /moves');
  expect(await resealAll(remote)).toMatchObject({ resealed: 1 });
  expect(server.bao('kv', 'get', '-mount=secret', '-field=value', `credplex/credhub/${id}`).trim()).toBe(
    'value of /moves',
  );
  expect(await get(remote, id)).toBe('value of /moves');
  expect(await claimStale(remote)).toEqual([]);
  await remote.close();

  const back = await openTestStorage({ databaseUrl, encryption: firstKeyOnly, vault: server, kind: 'sql' });
  expect(await resealAll(back)).toMatchObject({ resealed: 1 });
  expect(await get(back, id)).toBe('value of /moves');
  for (const { intent, path, id: ref, keyId } of await claimStale(back)) {
    await back.vault.destroy({ purpose: 'credhub', id: ref, path }, keyId);
    await back.intents.close(intent);
  }
  expect(() => server.bao('kv', 'get', '-mount=secret', `credplex/credhub/${id}`)).toThrow('No value found');
  await back.close();
});

test('a row that fails as in an outage does not prevent the rotation of later rows', async () => {
  const databaseUrl = await createDatabase();
  const before = await openTestStorage({ databaseUrl, encryption: firstKeyOnly });
  const ids = (await Promise.all(Array.from({ length: 5 }, (_, index) => set(before, `/stuck/${index}`)))).sort();
  await addKey(before.sql, key('22', true));
  await before.close();
  const after = await openTestStorage({ databaseUrl, encryption: { keys: [key('11', false), key('22', true)] } });
  const failingVault: typeof after.vault = {
    ...after.vault,
    open(ref, sealed) {
      if (ref.id === ids[0]) throw new CredError('vault_unavailable');
      return after.vault.open(ref, sealed);
    },
  };
  expect(await resealAll({ ...after, vault: failingVault }, { maxRows: 2 })).toMatchObject({ resealed: 4, failed: 1 });
  const unreachable: typeof after.vault = {
    ...failingVault,
    check: async () => {
      throw new CredError('vault_unavailable');
    },
  };
  await expect(resealAll({ ...after, vault: unreachable })).rejects.toMatchObject({ code: 'vault_unavailable' });
  expect(await resealAll(after)).toMatchObject({ resealed: 1, failed: 0, failure: undefined });
  await after.close();
});

test('a value that OpenBao refuses stays in its row, and the failure is reported', async () => {
  const databaseUrl = await createDatabase();
  const sql = await openTestStorage({ databaseUrl, encryption: firstKeyOnly });
  const ids = (await Promise.all([set(sql, '/large'), set(sql, '/small')])).sort();
  await sql.close();
  const remote = await openTestStorage({ databaseUrl, encryption: firstKeyOnly, vault: server });
  const full: typeof remote.vault = {
    ...remote.vault,
    seal(ref, document) {
      if (ref.id === ids[0]) throw new CredError('request_body_too_large');
      return remote.vault.seal(ref, document);
    },
  };
  const result = await resealAll({ ...remote, vault: full });
  expect(result).toMatchObject({ resealed: 1, failed: 1, failure: { code: 'request_body_too_large' } });
  expect(await remote.sql.slowQuery('select from intent')).toEqual([]);
  await remote.close();
});
