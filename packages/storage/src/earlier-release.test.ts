import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Secret, secret, type VersionRow } from '@credplex/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { anyone, version, write } from './conformance/fixtures.ts';
import { openEmbedded } from './embedded/embedded.ts';
import { openStorage, type Storage } from './index.ts';
import { createEarlierDatabase, EARLIER_RELEASE_KEY, fillEarlierDatabase } from './testing/index.ts';

/** Counts in the dump. */
const NAMES = 23;
const VERSIONS = 52;

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'credplex-earlier-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function open(databaseUrl: Secret | undefined): Promise<Storage> {
  return openStorage({
    dataDir: home,
    databaseUrl,
    encryption: {
      keys: [{ name: EARLIER_RELEASE_KEY.name, active: true, passphrase: secret(EARLIER_RELEASE_KEY.passphrase) }],
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
