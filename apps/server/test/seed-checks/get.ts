/** The tables under Get Credentials: the same three query parameters for every type. */
import { expect } from 'vitest';
import { type Checks, type Json, PEM, type World } from './world.ts';

const VALUES: Readonly<Record<string, unknown>> = {
  Value: 'v',
  JSON: { a: [1, { b: null }] },
  Password: 'p',
  User: { username: 'u', password: 'p' },
  Certificate: { certificate: PEM.leaf1 },
  RSA: { public_key: 'p' },
  SSH: { public_key: PEM.ssh1_pub },
};

/** Three versions of a new name; their ids, newest first. */
async function threeVersions(world: World, type: string, value: unknown): Promise<{ name: string; ids: unknown[] }> {
  const name = world.name();
  const ids: unknown[] = [];
  for (let n = 0; n < 3; n += 1) {
    const set = await world.ok('PUT', '/api/v1/data', { name, type, value, mode: 'overwrite' });
    ids.unshift(set.id);
  }
  return { name, ids };
}

/** `title` is the type as the headings write it; `by Name` is a password. */
export function getChecks(title: string): Checks {
  const type = title in VALUES ? title : 'Password';
  const versions = (world: World) => threeVersions(world, type.toLowerCase(), VALUES[type]);
  const idsOf = async (world: World, query: string): Promise<unknown[]> => {
    const { data } = await world.ok('GET', `/api/v1/data?${query}`);
    return (data as Json[]).map(({ id }) => id);
  };
  return {
    name: async (world) => {
      const { name, ids } = await versions(world);
      expect(await idsOf(world, `name=${name}`), 'all versions, the newest first').toEqual(ids);
      await world.refused('GET', '/api/v1/data');
      await world.refused('GET', `/api/v1/data?name=${world.name()}`, undefined, 404);
    },
    current: async (world) => {
      const { name, ids } = await versions(world);
      expect(await idsOf(world, `name=${name}&current=true`)).toEqual(ids.slice(0, 1));
      expect(await idsOf(world, `name=${name}&current=false`)).toEqual(ids);
    },
    versions: async (world) => {
      const { name, ids } = await versions(world);
      expect(await idsOf(world, `name=${name}&versions=2`)).toEqual(ids.slice(0, 2));
      await world.refused('GET', `/api/v1/data?name=${name}&versions=many`);
    },
  };
}

export const getByIdChecks: Checks = {
  none: async (world) => {
    const { ids } = await threeVersions(world, 'value', 'v');
    for (const id of ids) {
      const got = await world.ok('GET', `/api/v1/data/${id}`);
      expect(got.id).toBe(id);
      expect(await world.ok('GET', `/api/v1/data/${id}?current=maybe`), 'the query is not looked at').toEqual(got);
    }
  },
};
