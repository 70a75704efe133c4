import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secret } from '@credplex/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../postgres/database.ts';
import { createDatabase } from '../testing/index.ts';
import { addKey, listKeys, openKeyRing, retireKey } from './key-ring.ts';
import { createSqlVault } from './sql.ts';

let db: Database;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'credplex-keys-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  await db?.close();
  db = openDatabase(await createDatabase());
});
afterAll(() => db.close());

function passphrase(name: string, text: string, active = true) {
  return { name, active, passphrase: secret(text) };
}
const ref = { purpose: 'shared', id: '1', path: 'shared/1' } as const;

describe('key ring', () => {
  test('a passphrase derives the same key at every start, with argon2id and its own salt', async () => {
    const first = await openKeyRing(db, { keys: [passphrase('one', 'correct horse')] });
    const sealed = createSqlVault(first).seal(ref, { value: secret('v') });
    const second = await openKeyRing(db, { keys: [passphrase('one', 'correct horse')] });
    expect(createSqlVault(second).open(ref, sealed).value?.reveal()).toBe('v');
    const [row] = await db.slowQuery<{ kdf: string; salt: Uint8Array }>('select kdf, salt from key_canary');
    expect(row?.kdf).toMatch(/^argon2id:m=65536,/);
    expect(row?.salt.length).toBe(16);
  });

  test('a start fails with a wrong key and reports its name', async () => {
    await openKeyRing(db, { keys: [passphrase('one', 'right')] });
    await expect(openKeyRing(db, { keys: [passphrase('one', 'wrong')] })).rejects.toThrow(
      'encryption key one is not the one that the database was sealed with',
    );
  });

  test('a start fails with an unknown or missing key and generates none', async () => {
    await openKeyRing(db, { keys: [passphrase('one', 'right')] });
    const file = join(folder, 'not-made');
    await expect(openKeyRing(db, { keys: [passphrase('two', 'new')] })).rejects.toThrow('unknown to the database');
    await expect(
      openKeyRing(db, { keys: [passphrase('one', 'right', false), passphrase('two', 'new')] }),
    ).rejects.toThrow('credplex keys add two');
    await expect(openKeyRing(db, { keys: [], generatedFile: file })).rejects.toThrow(
      'sealed with a key that is not here',
    );
    await expect(openKeyRing(db, { keys: [] })).rejects.toThrow('no encryption key is configured');
    expect(existsSync(file)).toBe(false);
    expect(await listKeys(db)).toHaveLength(1);
  });

  test('the first start generates a key in a private file, and the next start reads it', async () => {
    const generatedFile = join(folder, 'encryption.key');
    const first = await openKeyRing(db, { keys: [], generatedFile });
    expect(statSync(generatedFile).mode & 0o777).toBe(0o600);
    expect(Buffer.from(readFileSync(generatedFile, 'utf8'), 'base64')).toHaveLength(32);
    const second = await openKeyRing(db, { keys: [], generatedFile });
    expect(second.active.id).toBe(first.active.id);
  });

  test('hex and base64 texts and files are raw keys, and a renamed key is recognised', async () => {
    const file = join(folder, 'hex');
    writeFileSync(file, `${'ab'.repeat(32)}\n`);
    const first = await openKeyRing(db, { keys: [{ name: 'file', active: true, file }] });
    const reopened = await openKeyRing(db, {
      keys: [passphrase('renamed', Buffer.alloc(32, 0xab).toString('base64'))],
    });
    expect(reopened.active.id).toBe(first.active.id);
    expect((await db.slowQuery<{ kdf: string }>('select kdf from key_canary'))[0]?.kdf).toBe('raw');
  });

  test('a key can be added, activated, and retired once no value is sealed with it', async () => {
    const ring = await openKeyRing(db, { keys: [passphrase('one', '1')] });
    const sealed = createSqlVault(ring).seal(ref, { value: secret('v') });
    await db.write('insert into shared_secret (name, id, key_id, format, sealed) values ($1, $2, $3, $4, $5)', [
      'n',
      '1',
      sealed.keyId,
      sealed.format,
      sealed.bytes,
    ]);
    await addKey(db, passphrase('two', '2'));
    await expect(addKey(db, passphrase('two', '3'))).rejects.toThrow('there is an encryption key two already');
    await expect(addKey(db, passphrase('three', '2'))).rejects.toThrow('under another name');
    const both = await openKeyRing(db, { keys: [passphrase('one', '1', false), passphrase('two', '2')] });
    expect(createSqlVault(both).open(ref, sealed).value?.reveal()).toBe('v');
    await expect(retireKey(db, 'one')).rejects.toThrow('still seals 1 values');
    await retireKey(db, 'two');
    expect((await listKeys(db)).map((key) => key.name)).toEqual(['one']);
  });

  test('a retired key that is added again opens values that a stale replica sealed with it', async () => {
    await openKeyRing(db, { keys: [passphrase('one', '1')] });
    await addKey(db, passphrase('two', '2'));
    const keys = [passphrase('one', '1', false), passphrase('two', '2')];
    const staleReplica = await openKeyRing(db, { keys: [passphrase('one', '1'), passphrase('two', '2', false)] });
    await retireKey(db, 'one');
    const sealed = createSqlVault(staleReplica).seal(ref, { value: secret('v') });
    await expect(openKeyRing(db, { keys })).rejects.toThrow('credplex keys add one');
    await addKey(db, passphrase('other', '3'));
    await addKey(db, passphrase('one', '1'));
    const ring = await openKeyRing(db, { keys });
    expect(createSqlVault(ring).open(ref, sealed).value?.reveal()).toBe('v');
    expect((await listKeys(db)).map((key) => key.name).sort()).toEqual(['one', 'other', 'two']);
  });

  test('a start fails with two active keys, an empty key or a missing key file', async () => {
    await expect(openKeyRing(db, { keys: [passphrase('a', '1'), passphrase('b', '2')] })).rejects.toThrow(
      'exactly one',
    );
    await expect(openKeyRing(db, { keys: [passphrase('a', '')] })).rejects.toThrow('is empty');
    await expect(openKeyRing(db, { keys: [{ name: 'a', active: true, file: join(folder, 'none') }] })).rejects.toThrow(
      'cannot read',
    );
    expect(await listKeys(db)).toEqual([]);
  });

  test('two concurrent first starts register one set of keys', async () => {
    const rings = await Promise.all([1, 2].map(() => openKeyRing(db, { keys: [passphrase('one', 'same')] })));
    expect(rings[0]?.active.id).toBe(rings[1]?.active.id);
  });
});
