import { randomUUID } from 'node:crypto';
import { secret } from '@credplex/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anyone, audit, version, write } from '../conformance/fixtures.ts';
import type { Storage } from '../index.ts';
import { openTestStorage } from '../testing/index.ts';

let storage: Storage;
beforeAll(async () => {
  storage = await openTestStorage();
});
afterAll(() => storage.close());

function entry(text: string) {
  const id = randomUUID();
  return { id, sealed: storage.keyRing.seal({ purpose: 'shared', id, path: `shared/${id}` }, { value: secret(text) }) };
}

test('of concurrent first writers of a shared secret one succeeds, and all get its value', async () => {
  const stored = await Promise.all(
    Array.from({ length: 8 }, (_, index) => storage.shared.putIfAbsent('raced', entry(String(index)))),
  );
  expect(new Set(stored.map(({ id }) => id)).size).toBe(1);
  expect(await storage.shared.get('raced')).toEqual(stored[0]);
});

test('shared secrets are replaced, listed by prefix and removed', async () => {
  const next = entry('next');
  await storage.shared.putIfAbsent('list_a', entry('a'));
  await storage.shared.putIfAbsent('listxb', entry('b'));
  await storage.shared.replace('list_a', next);
  expect(await storage.shared.list('list_')).toEqual([{ name: 'list_a', ...next }]);
  await storage.shared.remove('list_a');
  await storage.shared.remove('list_a');
  expect(await storage.shared.get('list_a')).toBeUndefined();
});

function claimStale(seconds = 60) {
  const at = new Date(Date.now() + seconds * 1000);
  return storage.intents.claimStale({ openedBefore: at, at, limit: 10 });
}

test('a write consumes its intent in its transaction, and is refused once a sweep has claimed the intent', async () => {
  const { credentials, intents } = storage;
  const keyId = 'openbao:secret/credplex';
  const open = () => intents.open('credhub/x', { purpose: 'credhub', id: 'x', keyId });
  const openIntent = await open();
  expect(await credentials.write(write('/promise', { intent: openIntent }))).toMatchObject({ outcome: 'written' });
  expect(await claimStale()).toEqual([]);
  const sweptIntent = await open();
  expect(await claimStale()).toEqual([{ intent: sweptIntent, path: 'credhub/x', purpose: 'credhub', id: 'x', keyId }]);
  expect(await credentials.write(write('/promise', { intent: sweptIntent }))).toEqual({ outcome: 'changed' });
  await intents.close(sweptIntent);
  expect(await credentials.write(write('/promise', { intent: sweptIntent }))).toEqual({ outcome: 'changed' });
  expect(await credentials.readByName({ access: anyone, name: '/promise', current: false })).toHaveLength(1);
});

test('a deletion of versions in a remote vault inserts intents to destroy their documents', async () => {
  const made = await storage.credentials.write(
    write('/remote', {
      version: version({ sealed: { keyId: 'openbao:secret/credplex', format: 2, bytes: Buffer.from('{}') } }),
    }),
  );
  await storage.credentials.delete({ access: anyone, name: '/remote', dropPermissions: false, audit: audit('DELETE') });
  const id = made.outcome === 'written' ? made.row.id : '';
  const waiting = await claimStale();
  expect(waiting).toMatchObject([{ path: `credhub/${id}`, purpose: 'credhub', id, keyId: 'openbao:secret/credplex' }]);
  for (const { intent } of waiting) await storage.intents.close(intent);
});

test('a claimed intent backs off before its next attempt, and one server claims it', async () => {
  const intent = await storage.intents.open('credhub/w', { purpose: 'credhub', id: 'w', keyId: 'openbao:x/y' });
  expect((await Promise.all([claimStale(100), claimStale(100)])).flat()).toHaveLength(1);
  expect(await claimStale(150)).toEqual([]);
  expect(await claimStale(170)).toHaveLength(1);
  expect(await claimStale(280)).toEqual([]);
  expect(await claimStale(300)).toHaveLength(1);
  for (let seconds = 1_000; seconds < 10_000; seconds += 1_000) expect(await claimStale(seconds)).toHaveLength(1);
  await storage.intents.close(intent);
});

test('an audit row is stored only if its change is', async () => {
  const events = async (resource: string) => (await storage.auditLog.list({ resource, limit: 10 })).length;
  await storage.credentials.write(write('/told'));
  await storage.credentials.write(write('/told', { expect: 'absent' }));
  expect(await events('/told')).toBe(1);
  await storage.credentials.delete({
    access: anyone,
    name: '/none',
    dropPermissions: true,
    audit: audit('DELETE', '/none'),
  });
  expect(await events('/none')).toBe(0);
});
