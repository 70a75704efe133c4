import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Secret, secret, type VersionRow } from '@credplex/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { anyone, version, write } from './conformance/fixtures.ts';
import { openEmbedded } from './embedded/embedded.ts';
import { openStorage, type Storage } from './index.ts';
import { createEarlierDatabase, EARLIER_RELEASE_KEY, fillEarlierDatabase } from './testing/index.ts';
import { type SealedRow, toSealed } from './vault/sealed-row.ts';

/** Counts in the dump. */
const NAMES = 34;
const VERSIONS = 63;

const TYPES = ['value', 'json', 'password', 'user', 'certificate', 'ssh', 'rsa'];

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'credplex-earlier-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const passphrase = secret(EARLIER_RELEASE_KEY.passphrase);
function open(databaseUrl: Secret | undefined): Promise<Storage> {
  return openStorage({
    dataDir: home,
    databaseUrl,
    encryption: {
      keys: databaseUrl === undefined ? [] : [{ ...EARLIER_RELEASE_KEY, active: true, passphrase }],
      generatedFile: join(home, 'encryption.key'),
    },
    vault: { kind: 'sql' },
  });
}

const stores = [
  { kind: 'a dump in an outside database', make: async () => secret(await createEarlierDatabase()) },
  {
    kind: 'a data folder of the embedded store',
    make: async () => {
      const embedded = await openEmbedded({ dataDir: home, purpose: 'serve' });
      await fillEarlierDatabase(embedded.url);
      await embedded.close();
      writeFileSync(join(home, 'encryption.key'), EARLIER_RELEASE_KEY.passphrase, { mode: 0o600 });
      return undefined;
    },
  },
];

function refOf(id: string) {
  return { purpose: 'credhub', id, path: `credhub/${id}` } as const;
}

async function versionsOf(storage: Storage): Promise<VersionRow[]> {
  const names: string[] = [];
  for await (const found of storage.credentials.find({ access: anyone, by: { path: '/' } }))
    names.push(...found.map(({ name }) => name));
  expect(names).toHaveLength(NAMES);
  const read = names.map((name) => storage.credentials.readByName({ access: anyone, name, current: false }));
  return (await Promise.all(read)).flat();
}

describe.each(stores)('$kind of an earlier release', ({ make }) => {
  test('opens, all its values can be read, and a new version can be written', async () => {
    const storage = await open(await make());
    try {
      const versions = await versionsOf(storage);
      expect(versions).toHaveLength(VERSIONS);
      for (const row of versions) {
        const document = await storage.vault.open(refOf(row.id), row.sealed);
        const values = Object.values(document).map((value) => value?.reveal() ?? '');
        expect(values.join(''), row.name).not.toBe('');
      }
      expect(new Set(versions.map(({ type }) => type))).toEqual(new Set(TYPES));
      const [cloud] = await storage.sql.slowQuery<SealedRow & { id: string; cloudId: string }>(
        `select id, cloud_id as "cloudId", sealed_key_id as "keyId", sealed_format as format, sealed from cloud_credential`,
      );
      if (cloud === undefined) throw new Error('no cloud credential');
      const path = `clouds/${cloud.cloudId}/credentials/${cloud.id}`;
      const issued = await storage.vault.open({ purpose: 'cloud_credential', id: cloud.id, path }, toSealed(cloud));
      expect(issued.payload?.reveal()).toBe(Buffer.from('an old secret').toString('base64'));
      const old = versions.find(({ name }) => name === '/password');
      const renewed = version();
      const sealed = await storage.vault.seal(refOf(renewed.id), { value: secret('renewed') });
      const request = write('/password', { type: 'password', version: { ...renewed, sealed } });
      expect(await storage.credentials.write(request)).toMatchObject({ outcome: 'written', row: { seq: 2 } });
      const [newest, before] = await storage.credentials.readByName({
        access: anyone,
        name: '/password',
        current: false,
      });
      expect(before).toEqual(old);
      if (newest === undefined) throw new Error('nothing was written');
      expect((await storage.vault.open(refOf(newest.id), newest.sealed)).value?.reveal()).toBe('renewed');
    } finally {
      await storage.close();
    }
  });
});
