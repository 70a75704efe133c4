import { randomUUID } from 'node:crypto';
import type { CredentialRecords, VersionRow } from '@credplex/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certificateCopies } from './certificate-copies.ts';
import { certificateRecords } from './certificate-records.ts';
import { concurrentReads } from './concurrent-reads.ts';
import { concurrentWrites } from './concurrent-writes.ts';
import {
  ALL_OPERATIONS as all,
  anyone,
  as,
  audit,
  certificate,
  type RecordsFixture,
  type RecordsUnderTest,
  rowOf,
  version,
  write,
} from './fixtures.ts';
import { permissionRecords } from './permission-records.ts';

/**
 * Conformance suite of CredentialRecords and PermissionRecords. `open` is called once; all names are in a random folder.
 */
export function recordsConformance(name: string, open: () => Promise<RecordsUnderTest>): void {
  describe(`records on ${name}`, () => {
    let store: RecordsUnderTest;
    let root: string;
    beforeAll(async () => {
      store = await open();
      root = `/${randomUUID()}`;
    });
    afterAll(() => store.close());

    const put = async (path: string, parts: Parameters<typeof write>[1] = {}): Promise<VersionRow> =>
      rowOf(await store.credentials.write(write(`${root}${path}`, parts)));
    const grant = (actor: string, path: string, operations: readonly (typeof all)[number][] = all) =>
      store.permissions.create({ uuid: randomUUID(), actor, path, operations, audit: audit('ADD_PERMISSIONS', path) });
    const names = async (query: Parameters<CredentialRecords['find']>[0]): Promise<string[]> => {
      const found: string[] = [];
      for await (const batch of store.credentials.find(query))
        found.push(...batch.map((row) => row.name.slice(root.length)));
      return found;
    };

    const fixture: RecordsFixture = { records: () => store, root: () => root, put, grant };
    certificateRecords(fixture);
    permissionRecords(fixture);

    describe('write and read', () => {
      test('every field of a version is returned as it was written', async () => {
        const parts = {
          metadata: '{"a":"\\u0000"}',
          parameters: '{"length":20}',
          username: 'user with \0 and \u0001 and é',
          publicKey: 'ssh-rsa AAAA',
          sealed: { keyId: 'key-7', format: 9, bytes: Buffer.from([0, 1, 2, 255]) },
        };
        const written = await put('/whole', { version: version(parts), type: 'user' });
        const [read] = await store.credentials.readByName({ access: anyone, name: `${root}/whole`, current: true });
        expect(read).toEqual(written);
        expect(read).toMatchObject({ name: `${root}/whole`, type: 'user', seq: 1, certificate: null, ...parts });
        expect(await store.credentials.readById({ access: anyone, id: written.id })).toEqual(read);
      });

      test('every certificate column is returned as it was written', async () => {
        const parts = {
          ca: 'CA\0',
          trustedCa: 'CA\u0001',
          caName: '/Ca',
          certificateAuthority: true,
          selfSigned: true,
          generated: null,
        };
        const written = await put('/cert-whole', { version: certificate(parts), type: 'certificate' });
        expect(await store.credentials.readById({ access: anyone, id: written.id })).toEqual(written);
        expect(written.certificate).toMatchObject(parts);
      });

      test('versions are ordered by their counter, newest first, whatever their creation times', async () => {
        const ids: string[] = [];
        for (const year of [2030, 2020, 2025])
          ids.unshift((await put('/order', { version: version({ createdAt: new Date(Date.UTC(year, 1)) }) })).id);
        const read = await store.credentials.readByName({ access: anyone, name: `${root}/order`, current: false });
        expect(read.map((row) => row.id)).toEqual(ids);
        const two = await store.credentials.readByName({
          access: anyone,
          name: `${root}/order`,
          current: false,
          limit: 2,
        });
        expect(two.map((row) => row.id)).toEqual(ids.slice(0, 2));
        expect(
          await store.credentials.readByName({ access: anyone, name: `${root}/order`, current: false, limit: 0 }),
        ).toEqual([]);
      });

      test('names ignore case, and the first spelling is kept', async () => {
        await put('/Case');
        const second = await put('/cASE');
        expect(second.name).toBe(`${root}/Case`);
        expect(second.seq).toBe(2);
        const [read] = await store.credentials.readByName({ access: anyone, name: `${root}/CASE`, current: true });
        expect(read?.id).toBe(second.id);
      });

      test('an unknown or impossible name or id gives no result', async () => {
        expect(await store.credentials.readByName({ access: anyone, name: `${root}/\0`, current: true })).toEqual([]);
        expect(await store.credentials.readByName({ access: anyone, name: `${root}/none`, current: false })).toEqual(
          [],
        );
        expect(await store.credentials.readById({ access: anyone, id: 'no uuid' })).toBeUndefined();
        expect(await store.credentials.readById({ access: anyone, id: randomUUID() })).toBeUndefined();
        expect(await store.credentials.viewCertificate({ access: anyone, credentialId: 'no uuid' })).toBeUndefined();
      });

      test('readMany returns the found versions by the requested spelling', async () => {
        const one = await put('/many/One');
        const found = await store.credentials.readMany({
          access: anyone,
          names: [`${root}/many/one`, `${root}/many/none`, '/\0'],
        });
        expect([...found]).toEqual([[`${root}/many/one`, one]]);
      });
    });

    describe('permission', () => {
      test('a read needs an entry for the requested spelling or for a folder above it', async () => {
        const row = await put('/p/a/Secret');
        const canRead = async (actor: string, asked = '/p/a/Secret'): Promise<boolean> =>
          (await store.credentials.readByName({ access: as(actor), name: `${root}${asked}`, current: true })).length >
          0;
        const paths = {
          exact: '/p/a/Secret',
          folder: '/p/a/*',
          high: '/p/*',
          self: '/p/a/Secret/*',
          other: '/p/b/*',
          spelled: '/p/a/secret',
        };
        for (const [actor, path] of Object.entries(paths)) await grant(`${root}:${actor}`, `${root}${path}`, ['read']);
        await grant(`${root}:writer`, `${root}/p/*`, ['write']);
        const held = await Promise.all([...Object.keys(paths), 'writer'].map((actor) => canRead(`${root}:${actor}`)));
        expect(held).toEqual([true, true, true, false, false, false, false]);
        expect(await canRead(`${root}:spelled`, '/p/a/secret')).toBe(true);
        expect(await store.credentials.readById({ access: as(`${root}:folder`), id: row.id })).toEqual(row);
        expect(await store.credentials.readById({ access: as(`${root}:other`), id: row.id })).toBeUndefined();
        const many = await store.credentials.readMany({
          access: as(`${root}:exact`),
          names: [`${root}/p/a/Secret`, `${root}/p/a/secret`],
        });
        expect([...many.keys()]).toEqual([`${root}/p/a/Secret`]);
      });

      test('a read by id needs an entry for the stored name or for a folder above it', async () => {
        const row = await put('/é/b/Ü.c/d');
        const canRead = async (path: string): Promise<boolean> => {
          const actor = `${root}:folders${path}`;
          await grant(actor, `${root}${path}`, ['read']);
          return (await store.credentials.readById({ access: as(actor), id: row.id })) !== undefined;
        };
        const paths = ['/*', '/é/*', '/é/b/*', '/é/b/Ü.c/*', '/é/b/Ü.c/d', '/é/b/Ü.c/d/*', '/é/b', '/é/b/Ü*', '/e/*'];
        const held = await Promise.all(paths.map(canRead));
        expect(held).toEqual([true, true, true, true, true, false, false, false, false]);
      });

      test('a write is checked in the order permission, type, expected counter, grants', async () => {
        const row = await put('/prec');
        const actor = `${root}:prec`;
        const other = { path: `${root}/prec`, actor: 'x', operations: ['read'] as const };
        const attempt = async (parts: Parameters<typeof write>[1]) =>
          (await store.credentials.write(write(`${root}/prec`, { access: as(actor), grants: [other], ...parts })))
            .outcome;
        expect(await attempt({ type: 'rsa', expect: 'absent' })).toBe('denied');
        await grant(actor, `${root}/prec`, ['write']);
        expect(await attempt({ type: 'rsa', expect: 'absent' })).toBe('type_mismatch');
        expect(await attempt({ expect: 'absent' })).toBe('changed');
        expect(await attempt({ expect: { credentialId: row.credentialId, seq: 7 } })).toBe('changed');
        expect(await attempt({ expect: { credentialId: row.credentialId, seq: 1 } })).toBe('denied_acl');
        expect(await attempt({})).toBe('denied_acl');
        expect(await attempt({ grants: [] })).toBe('written');
        expect(await store.permissions.listByPath(`${root}/prec`)).toHaveLength(1);
      });

      test('a new name needs the write operation, or grants all operations to its creator', async () => {
        const actor = `${root}:new`;
        const create = (creation: 'anyone_and_owns' | 'needs_write', path: string) =>
          store.credentials.write(write(`${root}${path}`, { access: as(actor), creation }));
        expect((await create('needs_write', '/new/a')).outcome).toBe('denied');
        expect(await create('anyone_and_owns', '/new/A')).toMatchObject({ outcome: 'written', created: true });
        expect(await store.permissions.get({ path: `${root}/new/A`, actor })).toMatchObject({ operations: all });
        expect(await create('anyone_and_owns', '/new/A')).toMatchObject({ outcome: 'written', created: false });
        const stranger = await store.credentials.write(
          write(`${root}/new/A`, { access: as('stranger'), creation: 'anyone_and_owns' }),
        );
        expect(stranger.outcome).toBe('denied');
      });

      test('the creator of a new name gets all operations, with and without an expectation and grants', async () => {
        const grants = [{ path: `${root}/shared`, actor: 'friend', operations: ['read'] as const }];
        for (const [at, more] of [{ expect: 'absent' as const }, { expect: 'absent' as const, grants }].entries()) {
          const made = write(`${root}/owned/${at}`, { access: as(`${root}:o`), creation: 'anyone_and_owns', ...more });
          expect(await store.credentials.write(made)).toMatchObject({ outcome: 'written', created: true });
          expect(await store.permissions.get({ path: made.name, actor: `${root}:o` })).toMatchObject({
            operations: all,
          });
        }
      });

      test('the grants of a write are added to existing entries', async () => {
        const path = `${root}/granted`;
        const operations = (grants: readonly (typeof all)[number][]) => [{ path, actor: 'friend', operations: grants }];
        await put('/granted', { grants: operations(['read']) });
        await put('/granted', { grants: [...operations(['write']), ...operations(['delete'])] });
        expect(await store.permissions.get({ path, actor: 'friend' })).toMatchObject({
          operations: ['read', 'write', 'delete'],
        });
      });
    });

    describe('races', () => {
      test('of concurrent writes that expect an absent name exactly one succeeds', async () => {
        const results = await Promise.all(
          Array.from({ length: 16 }, () => store.credentials.write(write(`${root}/race/absent`, { expect: 'absent' }))),
        );
        expect(results.filter((result) => result.outcome === 'written')).toHaveLength(1);
        expect(results.filter((result) => result.outcome === 'changed')).toHaveLength(15);
      });

      test('of concurrent writes that expect the same counter exactly one succeeds', async () => {
        const { credentialId, seq } = await put('/race/known');
        const results = await Promise.all(
          Array.from({ length: 16 }, () =>
            store.credentials.write(write(`${root}/race/known`, { expect: { credentialId, seq } })),
          ),
        );
        expect(results.filter((result) => result.outcome === 'written')).toHaveLength(1);
      });

      test('concurrent writes and deletions of one name succeed, and no version is lost', async () => {
        const results = await Promise.all(
          Array.from({ length: 60 }, async (_, index) => {
            const path = `${root}/race/mixed`;
            if (index % 6 === 5)
              return store.credentials.delete({
                access: anyone,
                name: path,
                dropPermissions: true,
                audit: audit('DELETE'),
              });
            return store.credentials.write(write(path, { access: as('creator'), creation: 'anyone_and_owns' }));
          }),
        );
        const removed = results.flatMap((result) =>
          'deleted' in result && result.deleted ? result.versions.map(({ id }) => id) : [],
        );
        const left = await store.credentials.readByName({ access: anyone, name: `${root}/race/mixed`, current: false });
        const written = results.flatMap((result) =>
          'outcome' in result && result.outcome === 'written' ? [result.row.id] : [],
        );
        expect([...removed, ...left.map((row) => row.id)].sort()).toEqual(written.sort());
        expect(left.map((row) => row.seq)).toEqual(left.map((_, index) => left.length - index));
      });

      test('of two concurrent creators of a name the second needs a permission of the first', async () => {
        const results = await Promise.all(
          ['one', 'two'].map((actor) =>
            store.credentials.write(write(`${root}/race/own`, { access: as(actor), creation: 'anyone_and_owns' })),
          ),
        );
        expect(results.map((result) => result.outcome).sort()).toEqual(['denied', 'written']);
      });
    });

    concurrentReads(fixture);
    concurrentWrites(() => ({ ...store, root }));
    certificateCopies(() => ({ ...store, root }));

    describe('delete', () => {
      test('removes all versions, and on request the permission entries of the name in any spelling', async () => {
        const actor = `${root}:deleter`;
        await grant(actor, `${root}/gone/*`, ['read', 'write', 'delete']);
        await grant('later', `${root}/GONE/x`, ['read']);
        const ids = [await put('/gone/x'), await put('/gone/x')].map((row) => row.id);
        const request = { name: `${root}/gone/X`, dropPermissions: true, audit: audit('DELETE') };
        expect(await store.credentials.delete({ ...request, access: as('nobody') })).toEqual({ deleted: false });
        const result = await store.credentials.delete({ ...request, access: as(actor) });
        expect(result).toMatchObject({
          deleted: true,
          versions: expect.arrayContaining(ids.map((id) => expect.objectContaining({ id }))),
        });
        expect(await store.permissions.get({ path: `${root}/GONE/x`, actor: 'later' })).toBeUndefined();
        expect(await store.credentials.delete({ ...request, access: as(actor) })).toEqual({ deleted: false });
        expect(await put('/gone/x')).toMatchObject({ seq: 1 });
      });
    });

    describe('find', () => {
      test('by folder ignores case, is recursive, newest first, lists each name once and not the folder itself', async () => {
        for (const path of ['/f/a', '/f/B/c', '/fx', '/f/zz', '/f']) await put(path);
        await put('/f/a');
        expect(await names({ access: anyone, by: { path: `${root.toUpperCase()}/F/` } })).toEqual([
          '/f/a',
          '/f/zz',
          '/f/B/c',
        ]);
        expect(await names({ access: anyone, by: { path: `${root}/f/none/` } })).toEqual([]);
      });

      test('% and _ and \\ are literal characters', async () => {
        for (const path of ['/lit/a_b', '/lit/axb', '/lit/a%b', '/lit/a\\b']) await put(path);
        expect(await names({ access: anyone, by: { nameLike: `${root}/lit/A_` } })).toEqual(['/lit/a_b']);
        expect(await names({ access: anyone, by: { nameLike: `${root}/lit/a%` } })).toEqual(['/lit/a%b']);
        expect(await names({ access: anyone, by: { nameLike: `${root}/lit/a\\` } })).toEqual(['/lit/a\\b']);
        expect(await names({ access: anyone, by: { path: `${root}/lit%/` } })).toEqual([]);
      });

      test('lists each name that the actor can read once, however many entries allow it', async () => {
        const actor = `${root}:finder`;
        for (const path of ['/acl/a/one', '/acl/a/two', '/acl/b/three', '/acl/B/Four', '/acl/c']) await put(path);
        for (const path of ['/acl/a/*', '/acl/a/one', '/acl/B/*', '/acl/C'])
          await grant(actor, `${root}${path}`, ['read']);
        await grant(actor, `${root}/acl/b/*`, ['write']);
        const expected = ['/acl/B/Four', '/acl/a/two', '/acl/a/one'];
        expect(await names({ access: as(actor), by: { path: `${root}/acl/` } })).toEqual(expected);
        expect(await names({ access: as(actor), by: { nameLike: `${root}/acl/` } })).toEqual(expected);
        expect(await names({ access: as(actor), by: { path: `${root}/acl/a/` } })).toEqual([
          '/acl/a/two',
          '/acl/a/one',
        ]);
        expect(await names({ access: as('nobody'), by: { path: '/' } })).toEqual([]);
        expect(await store.credentials.paths({ access: as(actor) })).toEqual([
          '/',
          `${root}/`,
          `${root}/acl/`,
          `${root}/acl/B/`,
          `${root}/acl/a/`,
        ]);
      });

      test('by expiry includes active and transitional certificates, and no old versions or other types', async () => {
        const at = (year: number) => new Date(Date.UTC(year, 0));
        const cert = (path: string, year: number, transitional = false) =>
          put(path, { type: 'certificate', version: certificate({ expiresAt: at(year), transitional }) });
        await put('/exp/password');
        await cert('/exp/late', 2040);
        await cert('/exp/renewed', 2027);
        await cert('/exp/renewed', 2040);
        await cert('/exp/active', 2028);
        await cert('/exp/active', 2040, true);
        await cert('/exp/transitional', 2040);
        await cert('/exp/transitional', 2029, true);
        await cert('/exp/only-transitional', 2026, true);
        const found: Record<string, number | undefined> = {};
        for await (const batch of store.credentials.find({
          access: anyone,
          by: { path: `${root}/exp/` },
          expiresBefore: at(2030),
        })) {
          for (const row of batch) found[row.name.slice(root.length)] = Number(row.expiresAt?.slice(0, 4));
        }
        expect(found).toEqual({ '/exp/active': 2028, '/exp/transitional': 2029, '/exp/only-transitional': 2026 });
        expect(await names({ access: anyone, by: { path: `${root}/exp/` } })).not.toContain('/exp/only-transitional');
      });

      test('a transitional version does not change the order', async () => {
        await put('/ord/ca', { type: 'certificate', version: certificate() });
        await put('/ord/z');
        await put('/ord/ca', { type: 'certificate', version: certificate({ transitional: true }) });
        expect(await names({ access: anyone, by: { path: `${root}/ord/` } })).toEqual(['/ord/z', '/ord/ca']);
      });

      test('all names are found when they need several batches', async () => {
        const made = Array.from({ length: 1_250 }, (_, index) => `/big/${index}`);
        for (let start = 0; start < made.length; start += 50)
          await Promise.all(made.slice(start, start + 50).map((path) => put(path)));
        const found = await names({ access: anyone, by: { path: `${root}/big/` } });
        expect(found.length).toBe(1_250);
        expect(new Set(found)).toEqual(new Set(made));
      });

      test('a consumer that stops early releases its connection', async () => {
        for (let round = 0; round < 20; round += 1) {
          for await (const batch of store.credentials.find({ access: anyone, by: { path: `${root}/big/` } })) {
            expect(batch.length).toBeGreaterThan(0);
            break;
          }
        }
        expect(await names({ access: anyone, by: { path: `${root}/lit/` } })).toHaveLength(4);
      });
    });
  });
}
