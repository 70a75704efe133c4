import { randomUUID } from 'node:crypto';
import type { CredentialRecords, PermissionRecords, WriteRequest, WriteResult } from '@credplex/core';
import { describe, expect, test } from 'vitest';
import { anyone, as, audit, certificate, version, write } from './fixtures.ts';

const ALL_OPERATIONS = ['read', 'write', 'delete', 'read_acl', 'write_acl'] as const;

interface Fixture {
  readonly credentials: CredentialRecords;
  readonly permissions: PermissionRecords;
  readonly root: string;
}

/** Conformance of concurrent writes: a backend may batch them, and each must get the result that it would get alone. */
export function concurrentWrites(fixture: () => Fixture): void {
  describe('concurrent writes', () => {
    test('each gets the result that it would get alone', async () => {
      const { credentials, permissions, root } = fixture();
      const folder = `${root}/concurrent`;
      const writer = `${folder}:writer`;
      await permissions.create({
        uuid: randomUUID(),
        actor: writer,
        path: `${folder}/mine/*`,
        operations: ['write'],
        audit: audit('ADD_PERMISSIONS'),
      });
      const stored = async (name: string): Promise<void> => void (await credentials.write(write(`${folder}/${name}`)));
      const kinds: readonly [string, string, () => Partial<WriteRequest>, boolean][] = [
        ['written', 'any', () => ({ access: anyone }), false],
        ['written', 'over', () => ({ access: anyone }), true],
        ['written', 'mine/new', () => ({ access: as(writer) }), false],
        ['written', 'mine/over', () => ({ access: as(writer) }), true],
        ['written', 'owned', () => ({ access: as(writer), creation: 'anyone_and_owns' }), false],
        ['written', 'absent', () => ({ access: anyone, expect: 'absent' }), false],
        [
          'written',
          'owned-absent',
          () => ({ access: as(writer), creation: 'anyone_and_owns', expect: 'absent' }),
          false,
        ],
        ['written', 'certificate', () => ({ version: certificate(), type: 'certificate' }), false],
        ['changed', 'taken', () => ({ access: anyone, expect: 'absent' }), true],
        ['denied', 'other', () => ({ access: as(writer) }), false],
        ['denied', 'other-over', () => ({ access: as(writer) }), true],
        ['denied', 'owned-over', () => ({ access: as(writer), creation: 'anyone_and_owns' }), true],
        ['type_mismatch', 'mine/type', () => ({ access: as(writer), type: 'value' }), true],
        [
          'denied_acl',
          'mine/acl',
          () => ({ access: as(writer), grants: [{ path: '/x', actor: 'x', operations: ALL_OPERATIONS }] }),
          true,
        ],
      ];
      const cases = Array.from({ length: 12 }, (_, round) =>
        kinds.map(([outcome, name, parts, exists]) => ({ outcome, name: `${name}-${round}`, parts, exists })),
      ).flat();
      for (const { name, exists } of cases) if (exists) await stored(name);

      const requests = cases.map(({ name, parts }) =>
        write(`${folder}/${name}`, { version: version({ metadata: `{"of":"${name}"}` }), ...parts() }),
      );
      const results = await Promise.all(requests.map((request) => credentials.write(request)));
      expect(results.map((result) => result.outcome)).toEqual(cases.map((one) => one.outcome));
      for (const [index, result] of results.entries()) await expectStored(requests[index] as WriteRequest, result);
    });

    test('each returns the first spelling of its name', async () => {
      const { credentials, root } = fixture();
      const names = Array.from({ length: 20 }, (_, index) => `${root}/spelled/Name-${index}`);
      const first = await Promise.all(names.map((name) => credentials.write(write(name))));
      const second = await Promise.all(names.map((name) => credentials.write(write(name.toUpperCase()))));
      for (const [index, name] of names.entries()) {
        expect(first[index]).toMatchObject({ created: true, row: { name, seq: 1 } });
        expect(second[index]).toMatchObject({ created: false, row: { name, seq: 2 } });
      }
    });

    test('a write that cannot be stored is refused, and the others of its batch are written', async () => {
      const { credentials, root } = fixture();
      const taken = version();
      await credentials.write(write(`${root}/failing/first`, { version: taken }));
      const failing = credentials.write(write(`${root}/failing/same-id`, { version: version({ id: taken.id }) }));
      const others = Array.from({ length: 20 }, (_, index) => credentials.write(write(`${root}/failing/${index}`)));
      await expect(failing).rejects.toThrow();
      for (const other of others) expect(await other).toMatchObject({ outcome: 'written' });
      expect(await credentials.readByName({ access: anyone, name: `${root}/failing/same-id`, current: false })).toEqual(
        [],
      );
    });

    /** Checks that the returned row is stored, and that the owner of a new name has its permission entry. */
    async function expectStored(request: WriteRequest, result: WriteResult): Promise<void> {
      const { credentials, permissions } = fixture();
      const [read] = await credentials.readByName({ access: anyone, name: request.name, current: true });
      if (result.outcome !== 'written') return expect(read?.id).not.toBe(request.version.id);
      expect(read).toEqual(result.row);
      expect(read).toMatchObject({ ...request.version, name: request.name, type: request.type });
      const { actor } = request.access;
      if (request.creation === 'anyone_and_owns' && actor !== null)
        expect(await permissions.get({ path: request.name, actor })).toMatchObject({ operations: ALL_OPERATIONS });
    }
  });
}
