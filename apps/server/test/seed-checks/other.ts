/** The tables of everything but get, set and generate, by heading. */
import { expect } from 'vitest';
import { type Checks, entriesOf, type Json, OPERATIONS, type SeedClient } from './seed-client.ts';

async function set(seedClient: SeedClient, name: string): Promise<string> {
  await seedClient.ok('PUT', '/api/v1/data', { name, type: 'value', value: 'v' });
  return name;
}
async function found(seedClient: SeedClient, query: string): Promise<unknown[]> {
  const { credentials } = await seedClient.ok('GET', `/api/v1/data?${query}`);
  return (credentials as Json[]).map(({ name }) => name);
}
const ACTOR = 'uaa-user:f6b2f8f6-1654-4a5d-aba4-c4d024a43560';
const permissions = '/api/v1/permissions';
function grant(seedClient: SeedClient, credential_name: string, entries: unknown): Promise<Json> {
  return seedClient.ok('POST', permissions, { credential_name, permissions: entries }, { status: 201 });
}
function entry(operations: unknown): Json[] {
  return [{ actor: ACTOR, operations }];
}

export const OTHER: Readonly<Record<string, Checks>> = {
  'Regenerate Credentials › Single Credential': {
    name: async (seedClient) => {
      const name = seedClient.name();
      const before = await seedClient.ok('POST', '/api/v1/data', { name, type: 'password' });
      const after = await seedClient.ok('POST', '/api/v1/regenerate', { name });
      expect([after.name, after.id === before.id]).toEqual([name, false]);
      await seedClient.expectRefused('POST', '/api/v1/regenerate', {});
    },
  },
  'Regenerate Credentials › Certificate Signed By a CA': {
    signed_by: async (seedClient) => {
      const ca = seedClient.name();
      const leaf = seedClient.name();
      const post = (name: string, parameters: Json) =>
        seedClient.ok('POST', '/api/v1/data', { name, type: 'certificate', parameters });
      await post(ca, { common_name: 'ca', is_ca: true });
      await post(leaf, { common_name: 'leaf', ca });
      const regenerated = await seedClient.ok('POST', '/api/v1/bulk-regenerate', { signed_by: ca });
      expect(regenerated).toEqual({ regenerated_credentials: [leaf] });
      await seedClient.expectRefused('POST', '/api/v1/bulk-regenerate', {});
    },
  },
  'Delete Credentials': {
    name: async (seedClient) => {
      const name = await set(seedClient, seedClient.name());
      expect((await seedClient.send('DELETE', `/api/v1/data?name=${name}`)).status).toBe(204);
      await seedClient.expectRefused('GET', `/api/v1/data?name=${name}`, undefined, 404);
      await seedClient.expectRefused('DELETE', '/api/v1/data');
    },
  },
  'Find Credentials › Find by Partial Name': {
    'name-like': async (seedClient) => {
      const name = await set(seedClient, `${seedClient.name()}-Unlike-Any-Other`);
      expect(await found(seedClient, 'name-like=unlike-any')).toEqual([name]);
    },
  },
  'Find Credentials › Find by Path': {
    path: async (seedClient) => {
      const folder = seedClient.name();
      const name = await set(seedClient, `${folder}/deep/inside`);
      await set(seedClient, `${folder}side`);
      expect(await found(seedClient, `path=${folder}`)).toEqual([name]);
    },
  },
  'Find Credentials › Show All Paths': {
    paths: async (seedClient) => {
      const name = await set(seedClient, `${seedClient.name()}/in/folders`);
      const { paths } = await seedClient.ok('GET', '/api/v1/data?paths=true');
      const listed = (paths as { path: string }[]).map(({ path }) => path);
      expect(listed).toEqual(expect.arrayContaining(['/', '/seed/', name.replace('folders', '')]));
      expect(listed).toEqual([...new Set(listed)].sort());
    },
  },
  'Permissions › Get Permissions': {
    credential_name: async (seedClient) => {
      const name = await set(seedClient, seedClient.name());
      expect(await seedClient.ok('GET', `${permissions}?credential_name=${name}`)).toMatchObject({
        credential_name: name,
      });
      await seedClient.expectRefused('GET', permissions);
    },
  },
  'Permissions › Add Permissions': {
    credential_name: async (seedClient) => {
      const name = await set(seedClient, seedClient.name());
      expect(await grant(seedClient, name, entry(['read']))).toMatchObject({ credential_name: name });
      await seedClient.expectRefused('POST', permissions, { permissions: entry(['read']) });
    },
    'permissions[]': async (seedClient) => {
      const name = await set(seedClient, seedClient.name());
      await grant(seedClient, name, [...entry(['read']), { actor: 'uaa-client:c', operations: ['read'] }]);
      expect(await entriesOf(seedClient, name)).toHaveLength(3);
      await seedClient.expectRefused('POST', permissions, { credential_name: name });
    },
    'permissions[n].actor': async (seedClient) => {
      const name = await set(seedClient, seedClient.name());
      await grant(seedClient, name, entry(['read']));
      expect((await entriesOf(seedClient, name)).map(({ actor }) => actor)).toContain(ACTOR);
      await seedClient.expectRefused('POST', permissions, {
        credential_name: name,
        permissions: [{ operations: ['read'] }],
      });
    },
    'permissions[n].operations[]': async (seedClient) => {
      const name = await set(seedClient, seedClient.name());
      await grant(seedClient, name, entry(['read', 'write']));
      expect(await entriesOf(seedClient, name)).toContainEqual({ actor: ACTOR, operations: ['read', 'write'] });
      await seedClient.expectRefused('POST', permissions, { credential_name: name, permissions: [{ actor: ACTOR }] });
    },
    'permissions[n].operations[n]': async (seedClient) => {
      const name = await set(seedClient, seedClient.name());
      await seedClient.expectRefused('POST', permissions, { credential_name: name, permissions: entry(['own']) });
    },
    'Authentication-specific identities explained here.': async (seedClient) => {
      const name = await set(seedClient, seedClient.name());
      const actors = [ACTOR, 'uaa-client:c', seedClient.server.app];
      for (const actor of actors) await grant(seedClient, name, [{ actor, operations: ['read'] }]);
      await seedClient.ok('GET', `/api/v1/data?name=${name}`, undefined, { as: 'app' });
      expect((await entriesOf(seedClient, name)).map(({ actor }) => actor)).toEqual(expect.arrayContaining(actors));
    },
    'Supported operations: read, write, delete, read_acl, write_acl': async (seedClient) => {
      const name = await set(seedClient, seedClient.name());
      await grant(seedClient, name, entry(OPERATIONS));
      expect(await entriesOf(seedClient, name)).toContainEqual({ actor: ACTOR, operations: [...OPERATIONS] });
    },
  },
  'Permissions › Delete Permissions': {
    credential_name: async (seedClient) => {
      const name = await set(seedClient, seedClient.name());
      await grant(seedClient, name, entry(['read']));
      const query = `credential_name=${name}&actor=${ACTOR}`;
      expect((await seedClient.send('DELETE', `${permissions}?${query}`)).status).toBe(204);
      expect(await entriesOf(seedClient, name)).toHaveLength(1);
      await seedClient.expectRefused('DELETE', `${permissions}?actor=${ACTOR}`);
    },
    actor: async (seedClient) => {
      const name = await set(seedClient, seedClient.name());
      await seedClient.expectRefused('DELETE', `${permissions}?credential_name=${name}`);
      await seedClient.expectRefused('DELETE', `${permissions}?credential_name=${name}&actor=${ACTOR}`, undefined, 404);
    },
    'Authentication-specific identities explained here.': async (seedClient) => {
      const name = await set(seedClient, seedClient.name());
      await grant(seedClient, name, [{ actor: seedClient.server.app, operations: ['read'] }]);
      const query = `credential_name=${name}&actor=${seedClient.server.app}`;
      expect((await seedClient.send('DELETE', `${permissions}?${query}`)).status).toBe(204);
      const got = await seedClient.send('GET', `/api/v1/data?name=${name}`, undefined, 'app');
      expect(got.status).toBe(404);
    },
  },
  'Interpolate Endpoint': {
    none: async (seedClient) => {
      expect(await seedClient.ok('POST', '/api/v1/interpolate?anything=goes', {})).toEqual({});
    },
  },
  'Encryption Key Usage': {
    none: async (seedClient) => {
      const usage = { active_key: expect.any(Number), inactive_keys: 0, unknown_keys: 0 };
      expect(await seedClient.ok('GET', '/api/v1/key-usage?anything=goes')).toEqual(usage);
    },
  },
};
