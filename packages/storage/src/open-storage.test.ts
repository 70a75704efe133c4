import { secret } from '@credplex/core';
import { expect, test } from 'vitest';
import { openDatabase } from './index.ts';
import { createDatabase, openTestStorage } from './testing/index.ts';

test('an unusable database is reported in one line that does not contain the password', async () => {
  const url = new URL(await createDatabase());
  const open = (change: (changed: URL) => void) => {
    const changed = new URL(url);
    changed.password = 'canary';
    change(changed);
    return openTestStorage({ databaseUrl: changed.href });
  };
  await expect(open((changed) => (changed.port = '20001'))).rejects.toThrow(
    /^the database cannot be reached \(ECONNREFUSED\)$/,
  );
  await expect(open((changed) => (changed.pathname = '/none'))).rejects.toThrow(/^the database does not exist \(3D000/);
  await expect(open((changed) => (changed.username = 'nobody'))).rejects.toThrow(
    /^the database refuses the login \(28000/,
  );
  await expect(openTestStorage({ databaseUrl: 'mysql://u:canary@h/d' })).rejects.toThrow(
    /^(?!.*canary).*must start with postgres/,
  );
});

test('a start fails when the schema is of a newer release', async () => {
  const url = await createDatabase();
  const db = openDatabase(url);
  await db.slowQuery("insert into schema_migration values (9999, '9999_future.sql', 'x')");
  await db.close();
  await expect(openTestStorage({ databaseUrl: url })).rejects.toThrow(
    'of a newer release: it has migration 9999_future.sql',
  );
});

test('a start succeeds while OpenBao is unreachable', async () => {
  const unreachable = { address: 'http://127.0.0.1:20001', token: 'x', ca: undefined };
  const storage = await openTestStorage({ vault: unreachable as never });
  await storage.ping();
  await expect(storage.vault.check()).rejects.toMatchObject({ code: 'vault_unavailable' });
  const sealed = storage.keyRing.seal({ purpose: 'shared', id: '1', path: 'x' }, { value: secret('v') });
  expect((await storage.vault.open({ purpose: 'shared', id: '1', path: 'x' }, sealed)).value?.reveal()).toBe('v');
  await storage.close();
});
