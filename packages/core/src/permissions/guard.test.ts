import { beforeEach, expect, test } from 'vitest';
import { CredError } from '../errors.ts';
import { parseJson } from '../json/parse.ts';
import { LEVELS } from '../level.ts';
import type { PermissionGuard, PermissionRow } from '../ports/permissions.ts';
import { createPermissions } from './index.ts';
import type { PermissionDeps } from './service.ts';

const caller = { actor: 'caller', requestId: 'r' };
const row: PermissionRow = {
  uuid: '3f2c1f44-8a55-4a0e-9d57-0c1f2c0a8a11',
  path: '/a',
  actor: 'other',
  operations: ['read'],
};

/** Rights as they are looked up, and as they are when the change is made. */
let isAllowed = true;
let guards: (PermissionGuard | undefined)[] = [];
beforeEach(() => {
  isAllowed = true;
  guards = [];
});

/** A change that finds its guard taken back. */
function denied<T>(answer: T) {
  return async ({ guard }: { guard?: PermissionGuard }): Promise<T> => {
    guards.push(guard);
    return answer;
  };
}

function permissions(level: 1 | 2) {
  return createPermissions({
    level: LEVELS[level],
    aclsEnabled: true,
    clock: { now: () => new Date(0) },
    entropy: { uuid: () => row.uuid },
    readAudit: { append: async () => undefined },
    records: { viewForWrite: async () => ({ credential: { name: '/a' } }) },
    permissions: {
      held: async ({ actor }: { actor: string }) => {
        const held = actor === 'caller' && isAllowed ? ['write_acl', 'read_acl'] : [];
        isAllowed = false;
        return new Set(held);
      },
      get: async () => row,
      getById: async () => row,
      listByPath: async () => [row],
      create: denied({ outcome: 'exists' }),
      union: denied([]),
      replace: denied(undefined),
      delete: denied(undefined),
    },
  } as unknown as PermissionDeps);
}

const entry = parseJson('{"path":"/a","actor":"other","operations":["read"]}');
const v1 = parseJson('{"credential_name":"/a","permissions":[{"actor":"other","operations":["read"]}]}');

test.each<[string, 1 | 2, (api: ReturnType<typeof permissions>) => Promise<unknown>, string]>([
  ['v2 POST', 2, (api) => api.create(caller, entry), 'credential_not_found'],
  ['v2 PUT', 2, (api) => api.put(caller, row.uuid, entry), 'permission_does_not_exist'],
  ['v2 PATCH', 2, (api) => api.patch(caller, row.uuid, parseJson('{"operations":[]}')), 'permission_does_not_exist'],
  ['v2 DELETE', 2, (api) => api.delete(caller, row.uuid), 'permission_does_not_exist'],
  ['v1 POST', 1, (api) => api.addV1(caller, v1), 'credential_not_found'],
  ['v1 POST', 2, (api) => api.addV1(caller, v1), 'credential_not_found'],
  ['v1 DELETE', 1, (api) => api.deleteV1(caller, { credentialName: '/a', actor: 'other' }), 'credential_not_found'],
])('%s at level %i: the right to change is asked for in the statement that changes', async (_, level, change, code) => {
  await expect(change(permissions(level))).rejects.toEqual(new CredError(code as CredError['code']));
  expect(guards).toEqual([{ actor: 'caller', path: '/a' }]);
});
