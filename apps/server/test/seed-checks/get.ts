/** The tables under Get Credentials: the same three query parameters for every type. */
import { expect } from 'vitest';
import { type Checks, type Json, PEM, type SeedClient } from './seed-client.ts';

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
async function threeVersions(
  seedClient: SeedClient,
  type: string,
  value: unknown,
): Promise<{ name: string; ids: unknown[] }> {
  const name = seedClient.name();
  const ids: unknown[] = [];
  for (let n = 0; n < 3; n += 1) {
    const set = await seedClient.ok('PUT', '/api/v1/data', { name, type, value, mode: 'overwrite' });
    ids.unshift(set.id);
  }
  return { name, ids };
}

/** `title` is the type as the headings write it; `by Name` is a password. */
export function getChecks(title: string): Checks {
  const type = title in VALUES ? title : 'Password';
  const versions = (seedClient: SeedClient) => threeVersions(seedClient, type.toLowerCase(), VALUES[type]);
  const idsOf = async (seedClient: SeedClient, query: string): Promise<unknown[]> => {
    const { data } = await seedClient.ok('GET', `/api/v1/data?${query}`);
    return (data as Json[]).map(({ id }) => id);
  };
  return {
    name: async (seedClient) => {
      const { name, ids } = await versions(seedClient);
      expect(await idsOf(seedClient, `name=${name}`), 'all versions, the newest first').toEqual(ids);
      await seedClient.expectRefused('GET', '/api/v1/data');
      await seedClient.expectRefused('GET', `/api/v1/data?name=${seedClient.name()}`, undefined, 404);
    },
    current: async (seedClient) => {
      const { name, ids } = await versions(seedClient);
      expect(await idsOf(seedClient, `name=${name}&current=true`)).toEqual(ids.slice(0, 1));
      expect(await idsOf(seedClient, `name=${name}&current=false`)).toEqual(ids);
    },
    versions: async (seedClient) => {
      const { name, ids } = await versions(seedClient);
      expect(await idsOf(seedClient, `name=${name}&versions=2`)).toEqual(ids.slice(0, 2));
      await seedClient.expectRefused('GET', `/api/v1/data?name=${name}&versions=many`);
    },
  };
}

export const getByIdChecks: Checks = {
  none: async (seedClient) => {
    const { ids } = await threeVersions(seedClient, 'value', 'v');
    for (const id of ids) {
      const got = await seedClient.ok('GET', `/api/v1/data/${id}`);
      expect(got.id).toBe(id);
      expect(await seedClient.ok('GET', `/api/v1/data/${id}?current=maybe`), 'the query is not looked at').toEqual(got);
    }
  },
};
