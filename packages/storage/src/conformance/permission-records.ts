import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type ALL_OPERATIONS as all, audit, type RecordsFixture, version } from './fixtures.ts';

/** Conformance of key counts and permission entries. */
export function permissionRecords(fixture: RecordsFixture): void {
  describe('keys', () => {
    test('are counted over all sealed versions', async () => {
      const keyId = `counted-${randomUUID()}`;
      const sealed = { keyId, format: 1, bytes: Buffer.from('sealed') };
      await fixture.put('/k/1', { version: version({ sealed }) });
      await fixture.put('/k/2', { version: version({ sealed }) });
      expect((await fixture.records().credentials.countByKey()).get(keyId)).toBe(2);
    });
  });

  describe('permission entries', () => {
    test('are created once, listed oldest first, replaced and deleted', async () => {
      const path = `${fixture.root()}/entry`;
      const made = await fixture.grant('b', path, ['write', 'read']);
      await fixture.grant('a', path, ['read_acl']);
      expect(made).toMatchObject({ outcome: 'created', row: { path, actor: 'b', operations: ['read', 'write'] } });
      expect(await fixture.grant('b', path)).toEqual({ outcome: 'exists' });
      expect((await fixture.records().permissions.listByPath(path)).map((row) => row.actor)).toEqual(['b', 'a']);
      const uuid = made.outcome === 'created' ? made.row.uuid : '';
      expect(await fixture.records().permissions.replace({ uuid, operations: [], audit: audit() })).toMatchObject({
        uuid,
        operations: [],
      });
      expect(await fixture.records().permissions.getById(uuid)).toMatchObject({ operations: [] });
      expect(await fixture.records().permissions.delete({ uuid, audit: audit() })).toMatchObject({ uuid });
      expect(await fixture.records().permissions.delete({ uuid, audit: audit() })).toBeUndefined();
      expect(await fixture.records().permissions.getById('no uuid')).toBeUndefined();
    });

    test('a change has no effect when its actor has lost write_acl', async () => {
      const path = `${fixture.root()}/guarded/x`;
      await fixture.grant('keeper', `${fixture.root()}/guarded/*`, ['write_acl']);
      await fixture.grant('reader', `${fixture.root()}/guarded/*`, ['read', 'write', 'delete', 'read_acl']);
      const made = await fixture.grant('there', path, ['read']);
      const uuid = made.outcome === 'created' ? made.row.uuid : '';
      const entry = (actor: string) => ({ uuid: randomUUID(), actor, path, operations: ['read' as const] });
      const denied = { actor: 'reader', path };
      const before = await fixture.records().permissions.listByPath(path);
      expect(await fixture.records().permissions.create({ ...entry('new'), audit: audit(), guard: denied })).toEqual({
        outcome: 'exists',
      });
      expect(
        await fixture.records().permissions.union({ entries: [entry('new')], audit: audit(), guard: denied }),
      ).toEqual([]);
      expect(
        await fixture.records().permissions.replace({ uuid, operations: [], audit: audit(), guard: denied }),
      ).toBeUndefined();
      expect(await fixture.records().permissions.delete({ uuid, audit: audit(), guard: denied })).toBeUndefined();
      expect(await fixture.records().permissions.listByPath(path)).toEqual(before);
      const guard = { actor: 'keeper', path };
      expect(await fixture.records().permissions.create({ ...entry('new'), audit: audit(), guard })).toMatchObject({
        outcome: 'created',
      });
      expect(
        await fixture.records().permissions.union({ entries: [entry('newer')], audit: audit(), guard }),
      ).toHaveLength(1);
      expect(
        await fixture.records().permissions.replace({ uuid, operations: [], audit: audit(), guard }),
      ).toBeDefined();
      expect(
        await fixture.records().permissions.delete({ uuid, audit: audit(), guard: { actor: null, path } }),
      ).toBeDefined();
    });

    test('a union adds operations to existing entries and creates missing ones', async () => {
      const path = `${fixture.root()}/union/*`;
      const entry = (actor: string, operations: readonly (typeof all)[number][]) => ({
        uuid: randomUUID(),
        path,
        actor,
        operations,
      });
      await fixture.records().permissions.union({ entries: [entry('a', ['read'])], audit: undefined });
      const rows = await fixture.records().permissions.union({
        entries: [entry('a', ['write']), entry('b', ['delete']), entry('b', ['read'])],
        audit: audit(),
      });
      expect(rows.map((row) => [row.actor, row.operations])).toEqual([
        ['a', ['read', 'write']],
        ['b', ['read', 'delete']],
      ]);
      expect(await fixture.records().permissions.held({ actor: 'a', path: `${fixture.root()}/union/x/y` })).toEqual(
        new Set(['read', 'write']),
      );
      expect(await fixture.records().permissions.held({ actor: 'a', path })).toEqual(new Set(['read', 'write']));
      expect(await fixture.records().permissions.held({ actor: 'a', path: `${fixture.root()}/*` })).toEqual(new Set());
    });

    test('of concurrent creations of one entry exactly one succeeds, and the others report that it exists', async () => {
      const results = await Promise.all(
        Array.from({ length: 8 }, () => fixture.grant('racer', `${fixture.root()}/raced`)),
      );
      expect(results.filter((result) => result.outcome === 'created')).toHaveLength(1);
    });

    test('credentialExists ignores case', async () => {
      await fixture.put('/Exists');
      expect(await fixture.records().permissions.credentialExists(`${fixture.root()}/eXISTS`)).toBe(true);
      expect(await fixture.records().permissions.credentialExists(`${fixture.root()}/none`)).toBe(false);
    });

    test('an actor with U+0000 is a bad request', async () => {
      await expect(fixture.grant('a\0b', `${fixture.root()}/nul`)).rejects.toMatchObject({ code: 'bad_request' });
    });
  });
}
