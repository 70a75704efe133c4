/** Values that are too large to travel with their rows. */
import { randomBytes, randomUUID } from 'node:crypto';
import { type SecretRef, secret, type WriteResult } from '@credplex/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anyone, audit, certificate, version, write } from '../conformance/fixtures.ts';
import type { Storage } from '../index.ts';
import { openTestStorage } from '../testing/index.ts';
import { sealWith } from '../vault/sql.ts';
import { loadSealed } from './sealed-column.ts';

const MIB = 1024 * 1024;
let it: Storage;
beforeAll(async () => {
  it = await openTestStorage();
});
afterAll(() => it.close());

const ref = (id: string): SecretRef => ({ purpose: 'credhub', id, path: `credhub/${id}` });
const rowOf = (result: WriteResult) => (result.outcome === 'written' ? result.row : expect.fail(result.outcome));
const leftTables = async () =>
  (await it.sql.slowQuery(`select oid from pg_class where relname = 'staged_value'`)).length;

test('a large value is written whole, and stays behind when its row is read', async () => {
  const bytes = randomBytes(3 * MIB + 7);
  const request = write('/large', { version: version({ sealed: { keyId: 'key-7', format: 9, bytes } }), type: 'json' });
  const written = rowOf(await it.credentials.write(request));
  const read = [
    await it.credentials.readById({ access: anyone, id: written.id }),
    ...(await it.credentials.readByName({ access: anyone, name: '/large', current: true })),
    ...(await it.credentials.readByName({ access: anyone, name: '/large', current: false })),
    (await it.credentials.readMany({ access: anyone, names: ['/large'] })).get('/large'),
    (await it.credentials.viewForWrite({ access: anyone, name: '/large' })).active,
  ];
  expect(read).toHaveLength(5);
  for (const row of read) {
    expect(row?.sealed).toMatchObject({ keyId: 'key-7', bytes: new Uint8Array(), deferredBytes: bytes.length });
  }
  const whole = await loadSealed(it.sql.slowQuery, written.id);
  expect(whole).toMatchObject({ keyId: 'key-7', format: 9 });
  expect(bytes.equals(whole.bytes)).toBe(true);
  await expect(loadSealed(it.sql.slowQuery, randomUUID())).rejects.toMatchObject({ code: 'credential_not_found' });
  expect(await leftTables()).toBe(0);
});

test('a large value that was refused leaves nothing behind', async () => {
  const sealed = { keyId: 'key-7', format: 9, bytes: randomBytes(2 * MIB) };
  const request = { version: version({ sealed }), access: { actor: 'uaa-client:nobody' } };
  expect(await it.credentials.write(write('/refused', request))).toEqual({ outcome: 'denied' });
  expect(await it.credentials.readByName({ access: anyone, name: '/refused', current: true })).toEqual([]);
  expect(await leftTables()).toBe(0);
});

test('a large value of a certificate is written and deleted whole', async () => {
  const sealed = { keyId: 'key-7', format: 9, bytes: randomBytes(2 * MIB) };
  const first = write('/certificate', { version: certificate(), type: 'certificate' });
  const { credentialId, seq } = rowOf(await it.credentials.write(first));
  const added = certificate({}, { sealed });
  const changed = await it.credentials.changeCertificates({
    access: anyone,
    needWrite: [],
    transitional: undefined,
    writes: [{ credentialId, expectSeq: seq, version: added, intent: undefined }],
    audit: [audit()],
  });
  expect(changed.outcome).toBe('written');
  const versionId = added.id;
  const gone = await it.credentials.deleteCertificateVersion({
    access: anyone,
    credentialId,
    versionId,
    expectSeq: seq + 1,
    writes: [],
    audit: [audit()],
  });
  expect(gone.outcome === 'deleted' && sealed.bytes.equals(gone.row.sealed.bytes)).toBe(true);
  expect(await leftTables()).toBe(0);
});

test('of many versions no more than a mebibyte comes along with the rows', async () => {
  const bytes = Buffer.alloc(200 * 1024, 1);
  for (let n = 0; n < 7; n += 1) {
    await it.credentials.write(write('/many', { version: version({ sealed: { keyId: 'key-1', format: 1, bytes } }) }));
  }
  const read = await it.credentials.readByName({ access: anyone, name: '/many', current: false });
  const lengths = read.map(({ sealed }) => sealed.bytes.length + (sealed.deferredBytes ?? 0));
  expect(lengths).toEqual(new Array(7).fill(bytes.length));
  expect(read.filter(({ sealed }) => sealed.deferredBytes === undefined)).toHaveLength(5);
});

test('a large value that was sealed elsewhere, with the key of its message alone, opens from its row', async () => {
  const text = JSON.stringify('é'.repeat(2 * MIB));
  const id = randomUUID();
  const sealed = sealWith(it.keyRing.messageCipher(), ref(id), { value: secret(Buffer.from(text)) });
  await it.credentials.write(write('/sealed', { version: version({ id, sealed }) }));
  const [row] = await it.credentials.readByName({ access: anyone, name: '/sealed', current: true });
  const opened = await it.vault.open(ref(id), row?.sealed ?? expect.fail());
  expect(opened['value']?.reveal() === text).toBe(true);
  const changed = Buffer.from(sealed.bytes);
  changed[MIB] = (changed[MIB] ?? 0) ^ 1;
  await expect((async () => it.vault.open(ref(id), { ...sealed, bytes: changed }))()).rejects.toMatchObject({
    code: 'vault_corrupt',
  });
});
