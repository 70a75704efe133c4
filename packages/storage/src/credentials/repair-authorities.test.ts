import { X509Certificate } from 'node:crypto';
import type { IsSignedBy } from '@credplex/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { audit, certificate } from '../conformance/fixtures.ts';
import { type Database, openDatabase } from '../postgres/database.ts';
import { MIGRATION_LOCK, migrate } from '../postgres/migrate.ts';
import { createEarlierDatabase } from '../testing/index.ts';
import { createCredentialRecords } from './credentials.ts';
import { repairAuthorities } from './repair-authorities.ts';

const isSignedBy: IsSignedBy = (certificate, ca) => {
  const [leaf, signer] = [new X509Certificate(certificate), new X509Certificate(ca)];
  return leaf.checkIssued(signer) && leaf.verify(signer.publicKey);
};

interface Row {
  readonly name: string;
  readonly certificate: string;
  readonly ca: string;
  readonly trusted_ca: string | null;
  readonly ca_is_signer: boolean;
}

let url: string;
let db: Database;
beforeEach(async () => {
  url = await createEarlierDatabase();
  await migrate(url);
  db = openDatabase(url);
});
afterEach(() => db.close());

const rowsOf = (name: string): Promise<Row[]> =>
  db.slowQuery<Row>(
    `select c.name, v.certificate, v.ca, v.trusted_ca, v.ca_is_signer from credential c
      join credential_version v on v.credential_id = c.id where c.name = $1 order by v.seq`,
    [name],
  );
const certificatesOf = async (name: string): Promise<string[]> => (await rowsOf(name)).map((row) => row.certificate);
/** Everything but the columns that the repair is about. */
const unchanged = (): Promise<object[]> =>
  db.slowQuery(`select v.id, v.credential_id, v.seq, v.created_at, v.metadata, v.certificate, v.ca_name, v.expires_at, v.transitional,
      v.key_id, v.format, v.sealed, c.seq as name_seq, c.active_id, c.transitional_id, c.listed_at
    from credential_version v join credential c on c.id = v.credential_id order by v.id`);
const left = async (): Promise<number> =>
  (await db.slowQuery('select from credential_version where ca is not null and not ca_is_signer')).length;

describe('the repair of rows of an earlier release', () => {
  test('keeps ids, times, order, metadata and sealed values', async () => {
    const before = await unchanged();
    await repairAuthorities(db, isSignedBy);
    expect(await unchanged()).toEqual(before);
    expect(await left()).toBe(0);
  });

  test('makes the CA that verifies the certificate the signing one, the other of the row the trusted one', async () => {
    await repairAuthorities(db, isSignedBy);
    const [v1, v2] = await certificatesOf('/turned');
    const last = (await rowsOf('/swapped')).at(-1);
    expect([last?.ca, last?.trusted_ca]).toEqual([v1, v2]);
    const anew = (await rowsOf('/signed-anew')).at(-1);
    expect([anew?.ca, anew?.trusted_ca]).toEqual([v2, v1]);
    const [r1, r2] = await certificatesOf('/root');
    const intermediate = (await rowsOf('/intermediate')).at(-1);
    expect([intermediate?.ca, intermediate?.trusted_ca]).toEqual([r1, r2]);
    expect((await rowsOf('/orphan')).at(-1)).toMatchObject({ trusted_ca: expect.stringContaining('BEGIN') });
  });

  test('finds a signing CA that the row has lost among the versions of the CA, with what is trusted now', async () => {
    await repairAuthorities(db, isSignedBy);
    const [ended] = await certificatesOf('/ended');
    expect((await rowsOf('/lost')).at(-1)).toMatchObject({ ca: ended, trusted_ca: null });
    const [first, second] = await certificatesOf('/thrice');
    expect((await rowsOf('/lost-twice')).at(-1)).toMatchObject({ ca: first, trusted_ca: second });
  });

  test('takes the version that is not younger than the leaf where a CA was set twice with one key', async () => {
    await repairAuthorities(db, isSignedBy);
    const [first, second] = await certificatesOf('/twice');
    const rows = await rowsOf('/of-the-first');
    expect(rows.at(-1)).toMatchObject({ ca: first, trusted_ca: null });
    expect(rows.every(({ ca, certificate }) => isSignedBy(certificate, ca))).toBe(true);
    expect(second).not.toBe(first);
  });

  test('leaves a text byte for byte as it is when it is right, was given by a client, or nothing verifies', async () => {
    const names = ['/alone', '/given', '/given-name', '/below-chain', '/matches-nothing'];
    const before = await Promise.all(names.map(async (name) => (await rowsOf(name)).at(-1)));
    await repairAuthorities(db, isSignedBy);
    const after = await Promise.all(names.map(async (name) => (await rowsOf(name)).at(-1)));
    expect(after).toEqual(before.map((row) => ({ ...row, trusted_ca: null, ca_is_signer: true })));
  });

  test('verifies every certificate by the first PEM object of its ca, and counts those that nothing verifies', async () => {
    const { repaired, unverified } = await repairAuthorities(db, isSignedBy);
    const rows = await db.slowQuery<Row>(
      'select c.name, v.* from credential c join credential_version v on v.credential_id = c.id where v.ca is not null',
    );
    const failing = rows.filter(({ certificate, ca }) => !isSignedBy(certificate, ca));
    expect(new Set(failing.map(({ name }) => name))).toEqual(new Set(['/matches-nothing']));
    expect({ repaired, unverified }).toEqual({ repaired: rows.length - failing.length, unverified: failing.length });
  });

  test('goes on where it was interrupted, and the result is the same', async () => {
    const stop = new AbortController();
    let asked = 0;
    const stopping: IsSignedBy = (certificate, ca) => {
      asked += 1;
      if (asked === 5) stop.abort();
      return isSignedBy(certificate, ca);
    };
    const all = await left();
    await expect(repairAuthorities(db, stopping, { batch: 3, signal: stop.signal })).rejects.toThrow();
    expect(await left()).toBeGreaterThan(0);
    expect(await left()).toBeLessThan(all);
    const first = all - (await left());
    const { repaired, unverified } = await repairAuthorities(db, isSignedBy, { batch: 3 });
    expect(first + repaired + unverified).toBe(all);
    const [v1, v2] = await certificatesOf('/turned');
    expect((await rowsOf('/swapped')).at(-1)).toMatchObject({ ca: v1, trusted_ca: v2 });
  });

  test('is done once by servers that start together, each row by one of them', async () => {
    const all = await left();
    const others = [1, 2, 3].map(() => openDatabase(url));
    const results = await Promise.all(others.map((one) => repairAuthorities(one, isSignedBy, { batch: 2 })));
    expect(results.reduce((sum, { repaired, unverified }) => sum + repaired + unverified, 0)).toBe(all);
    expect(await left()).toBe(0);
    await Promise.all(others.map((one) => one.close()));
  });

  test('waits for the lock of the migrations', async () => {
    const held = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const holder = db.transaction(async (tx) => {
      await tx.run('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
      held.resolve();
      await release.promise;
    });
    await held.promise;
    const all = await left();
    const repair = repairAuthorities(db, isSignedBy);
    await expect
      .poll(async () => {
        const waiting = await db.slowQuery(
          `select from pg_locks where locktype = 'advisory' and not granted
            and database = (select oid from pg_database where datname = current_database())`,
        );
        return waiting.length;
      })
      .toBeGreaterThan(0);
    expect(await left()).toBe(all);
    release.resolve();
    await Promise.all([holder, repair]);
    expect(await left()).toBe(0);
  });

  test('also takes rows that a server of the earlier release wrote afterwards', async () => {
    await repairAuthorities(db, isSignedBy);
    const [v1, v2] = await certificatesOf('/turned');
    await db.slowQuery(
      `update credential_version set ca = $1, trusted_ca = null, ca_is_signer = false
        where id = (select active_id from credential where name = '/swapped')`,
      [`${v2?.trim()}\n${v1?.trim()}\n`],
    );
    expect(await repairAuthorities(db, isSignedBy)).toEqual({ repaired: 1, unverified: 0 });
    expect((await rowsOf('/swapped')).at(-1)).toMatchObject({ ca: v1, trusted_ca: v2 });
  });

  test('also takes copies of rows that are not repaired, and of rows that were repaired after they were read', async () => {
    const records = createCredentialRecords(db);
    const copy = async (repairBetween: boolean): Promise<void> => {
      const rows = await records.childrenOf({ caName: '/turned' });
      if (repairBetween) await repairAuthorities(db, isSignedBy);
      const writes = rows.map((row) => ({
        credentialId: row.credentialId,
        expectSeq: row.nameSeq,
        version: certificate({ ...row.certificate }),
        copyOf: { versionId: row.id, movesMark: false },
      }));
      const change = { access: { actor: null }, needWrite: [], writes, audit: [audit()] };
      expect(await records.changeCertificates(change)).toMatchObject({ outcome: 'written' });
    };
    await copy(false);
    await copy(true);
    await repairAuthorities(db, isSignedBy);
    const [v1, v2] = await certificatesOf('/turned');
    const copies = (await rowsOf('/swapped')).slice(-2);
    expect(copies.map(({ ca, trusted_ca }) => [ca, trusted_ca])).toEqual([
      [v1, v2],
      [v1, v2],
    ]);
    await copy(false);
    expect(await left()).toBe(0);
  });
});
