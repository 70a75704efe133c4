import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type ALL_OPERATIONS as all, audit, type GivenRecords, version } from './given.ts';

/** The part of the suite about keys and permission entries. */
export function permissionRecords(given: GivenRecords): void {
  describe('keys', () => {
    test('of sealed versions are counted', async () => {
      const keyId = `counted-${randomUUID()}`;
      const sealed = { keyId, format: 1, bytes: Buffer.from('sealed') };
      await given.put('/k/1', { version: version({ sealed }) });
      await given.put('/k/2', { version: version({ sealed }) });
      expect((await given.records().credentials.countByKey()).get(keyId)).toBe(2);
    });
  });

  describe('permission entries', () => {
    test('are created once, listed oldest first, replaced and removed', async () => {
      const path = `${given.root()}/entry`;
      const made = await given.grant('b', path, ['write', 'read']);
      await given.grant('a', path, ['read_acl']);
      expect(made).toMatchObject({ outcome: 'created', row: { path, actor: 'b', operations: ['read', 'write'] } });
      expect(await given.grant('b', path)).toEqual({ outcome: 'exists' });
      expect((await given.records().permissions.listByPath(path)).map((row) => row.actor)).toEqual(['b', 'a']);
      const uuid = made.outcome === 'created' ? made.row.uuid : '';
      expect(await given.records().permissions.replace({ uuid, operations: [], audit: audit() })).toMatchObject({
        uuid,
        operations: [],
      });
      expect(await given.records().permissions.getById(uuid)).toMatchObject({ operations: [] });
      expect(await given.records().permissions.delete({ uuid, audit: audit() })).toMatchObject({ uuid });
      expect(await given.records().permissions.delete({ uuid, audit: audit() })).toBeUndefined();
      expect(await given.records().permissions.getById('no uuid')).toBeUndefined();
    });

    test('a change whose guard does not hold write_acl any more does nothing', async () => {
      const path = `${given.root()}/guarded/x`;
      await given.grant('keeper', `${given.root()}/guarded/*`, ['write_acl']);
      await given.grant('reader', `${given.root()}/guarded/*`, ['read', 'write', 'delete', 'read_acl']);
      const made = await given.grant('there', path, ['read']);
      const uuid = made.outcome === 'created' ? made.row.uuid : '';
      const entry = (actor: string) => ({ uuid: randomUUID(), actor, path, operations: ['read' as const] });
      const denied = { actor: 'reader', path };
      const before = await given.records().permissions.listByPath(path);
      expect(await given.records().permissions.create({ ...entry('new'), audit: audit(), guard: denied })).toEqual({
        outcome: 'exists',
      });
      expect(
        await given.records().permissions.union({ entries: [entry('new')], audit: audit(), guard: denied }),
      ).toEqual([]);
      expect(
        await given.records().permissions.replace({ uuid, operations: [], audit: audit(), guard: denied }),
      ).toBeUndefined();
      expect(await given.records().permissions.delete({ uuid, audit: audit(), guard: denied })).toBeUndefined();
      expect(await given.records().permissions.listByPath(path)).toEqual(before);
      const guard = { actor: 'keeper', path };
      expect(await given.records().permissions.create({ ...entry('new'), audit: audit(), guard })).toMatchObject({
        outcome: 'created',
      });
      expect(
        await given.records().permissions.union({ entries: [entry('newer')], audit: audit(), guard }),
      ).toHaveLength(1);
      expect(await given.records().permissions.replace({ uuid, operations: [], audit: audit(), guard })).toBeDefined();
      expect(
        await given.records().permissions.delete({ uuid, audit: audit(), guard: { actor: null, path } }),
      ).toBeDefined();
    });

    test('a union adds and makes what is missing', async () => {
      const path = `${given.root()}/union/*`;
      const entry = (actor: string, operations: readonly (typeof all)[number][]) => ({
        uuid: randomUUID(),
        path,
        actor,
        operations,
      });
      await given.records().permissions.union({ entries: [entry('a', ['read'])], audit: undefined });
      const rows = await given.records().permissions.union({
        entries: [entry('a', ['write']), entry('b', ['delete']), entry('b', ['read'])],
        audit: audit(),
      });
      expect(rows.map((row) => [row.actor, row.operations])).toEqual([
        ['a', ['read', 'write']],
        ['b', ['read', 'delete']],
      ]);
      expect(await given.records().permissions.held({ actor: 'a', path: `${given.root()}/union/x/y` })).toEqual(
        new Set(['read', 'write']),
      );
      expect(await given.records().permissions.held({ actor: 'a', path })).toEqual(new Set(['read', 'write']));
      expect(await given.records().permissions.held({ actor: 'a', path: `${given.root()}/*` })).toEqual(new Set());
    });

    test('racing creators of one entry: one makes it, the others hear that it exists', async () => {
      const results = await Promise.all(Array.from({ length: 8 }, () => given.grant('racer', `${given.root()}/raced`)));
      expect(results.filter((result) => result.outcome === 'created')).toHaveLength(1);
    });

    test('a credential exists in any case', async () => {
      await given.put('/Exists');
      expect(await given.records().permissions.credentialExists(`${given.root()}/eXISTS`)).toBe(true);
      expect(await given.records().permissions.credentialExists(`${given.root()}/none`)).toBe(false);
    });

    test('an actor that cannot be stored is a bad request, not a failure', async () => {
      await expect(given.grant('a\0b', `${given.root()}/nul`)).rejects.toMatchObject({ code: 'bad_request' });
    });
  });
}
