/** The tables of everything but get, set and generate, by heading. */
import { expect } from 'vitest';
import { type Checks, entriesOf, type Json, OPERATIONS, type World } from './world.ts';

async function set(world: World, name: string): Promise<string> {
  await world.ok('PUT', '/api/v1/data', { name, type: 'value', value: 'v' });
  return name;
}
async function found(world: World, query: string): Promise<unknown[]> {
  const { credentials } = await world.ok('GET', `/api/v1/data?${query}`);
  return (credentials as Json[]).map(({ name }) => name);
}
const ACTOR = 'uaa-user:f6b2f8f6-1654-4a5d-aba4-c4d024a43560';
const permissions = '/api/v1/permissions';
function grant(world: World, credential_name: string, entries: unknown): Promise<Json> {
  return world.ok('POST', permissions, { credential_name, permissions: entries }, { status: 201 });
}
function entry(operations: unknown): Json[] {
  return [{ actor: ACTOR, operations }];
}

export const OTHER: Readonly<Record<string, Checks>> = {
  'Regenerate Credentials › Single Credential': {
    name: async (world) => {
      const name = world.name();
      const before = await world.ok('POST', '/api/v1/data', { name, type: 'password' });
      const after = await world.ok('POST', '/api/v1/regenerate', { name });
      expect([after.name, after.id === before.id]).toEqual([name, false]);
      await world.refused('POST', '/api/v1/regenerate', {});
    },
  },
  'Regenerate Credentials › Certificate Signed By a CA': {
    signed_by: async (world) => {
      const ca = world.name();
      const leaf = world.name();
      const post = (name: string, parameters: Json) =>
        world.ok('POST', '/api/v1/data', { name, type: 'certificate', parameters });
      await post(ca, { common_name: 'ca', is_ca: true });
      await post(leaf, { common_name: 'leaf', ca });
      const regenerated = await world.ok('POST', '/api/v1/bulk-regenerate', { signed_by: ca });
      expect(regenerated).toEqual({ regenerated_credentials: [leaf] });
      await world.refused('POST', '/api/v1/bulk-regenerate', {});
    },
  },
  'Delete Credentials': {
    name: async (world) => {
      const name = await set(world, world.name());
      expect((await world.send('DELETE', `/api/v1/data?name=${name}`)).status).toBe(204);
      await world.refused('GET', `/api/v1/data?name=${name}`, undefined, 404);
      await world.refused('DELETE', '/api/v1/data');
    },
  },
  'Find Credentials › Find by Partial Name': {
    'name-like': async (world) => {
      const name = await set(world, `${world.name()}-Unlike-Any-Other`);
      expect(await found(world, 'name-like=unlike-any')).toEqual([name]);
    },
  },
  'Find Credentials › Find by Path': {
    path: async (world) => {
      const folder = world.name();
      const name = await set(world, `${folder}/deep/inside`);
      await set(world, `${folder}side`);
      expect(await found(world, `path=${folder}`)).toEqual([name]);
    },
  },
  'Find Credentials › Show All Paths': {
    paths: async (world) => {
      const name = await set(world, `${world.name()}/in/folders`);
      const { paths } = await world.ok('GET', '/api/v1/data?paths=true');
      const listed = (paths as { path: string }[]).map(({ path }) => path);
      expect(listed).toEqual(expect.arrayContaining(['/', '/seed/', name.replace('folders', '')]));
      expect(listed).toEqual([...new Set(listed)].sort());
    },
  },
  'Permissions › Get Permissions': {
    credential_name: async (world) => {
      const name = await set(world, world.name());
      expect(await world.ok('GET', `${permissions}?credential_name=${name}`)).toMatchObject({ credential_name: name });
      await world.refused('GET', permissions);
    },
  },
  'Permissions › Add Permissions': {
    credential_name: async (world) => {
      const name = await set(world, world.name());
      expect(await grant(world, name, entry(['read']))).toMatchObject({ credential_name: name });
      await world.refused('POST', permissions, { permissions: entry(['read']) });
    },
    'permissions[]': async (world) => {
      const name = await set(world, world.name());
      await grant(world, name, [...entry(['read']), { actor: 'uaa-client:c', operations: ['read'] }]);
      expect(await entriesOf(world, name)).toHaveLength(3);
      await world.refused('POST', permissions, { credential_name: name });
    },
    'permissions[n].actor': async (world) => {
      const name = await set(world, world.name());
      await grant(world, name, entry(['read']));
      expect((await entriesOf(world, name)).map(({ actor }) => actor)).toContain(ACTOR);
      await world.refused('POST', permissions, { credential_name: name, permissions: [{ operations: ['read'] }] });
    },
    'permissions[n].operations[]': async (world) => {
      const name = await set(world, world.name());
      await grant(world, name, entry(['read', 'write']));
      expect(await entriesOf(world, name)).toContainEqual({ actor: ACTOR, operations: ['read', 'write'] });
      await world.refused('POST', permissions, { credential_name: name, permissions: [{ actor: ACTOR }] });
    },
    'permissions[n].operations[n]': async (world) => {
      const name = await set(world, world.name());
      await world.refused('POST', permissions, { credential_name: name, permissions: entry(['own']) });
    },
    'Authentication-specific identities explained here.': async (world) => {
      const name = await set(world, world.name());
      const actors = [ACTOR, 'uaa-client:c', world.server.app];
      for (const actor of actors) await grant(world, name, [{ actor, operations: ['read'] }]);
      await world.ok('GET', `/api/v1/data?name=${name}`, undefined, { as: 'app' });
      expect((await entriesOf(world, name)).map(({ actor }) => actor)).toEqual(expect.arrayContaining(actors));
    },
    'Supported operations: read, write, delete, read_acl, write_acl': async (world) => {
      const name = await set(world, world.name());
      await grant(world, name, entry(OPERATIONS));
      expect(await entriesOf(world, name)).toContainEqual({ actor: ACTOR, operations: [...OPERATIONS] });
    },
  },
  'Permissions › Delete Permissions': {
    credential_name: async (world) => {
      const name = await set(world, world.name());
      await grant(world, name, entry(['read']));
      const query = `credential_name=${name}&actor=${ACTOR}`;
      expect((await world.send('DELETE', `${permissions}?${query}`)).status).toBe(204);
      expect(await entriesOf(world, name)).toHaveLength(1);
      await world.refused('DELETE', `${permissions}?actor=${ACTOR}`);
    },
    actor: async (world) => {
      const name = await set(world, world.name());
      await world.refused('DELETE', `${permissions}?credential_name=${name}`);
      await world.refused('DELETE', `${permissions}?credential_name=${name}&actor=${ACTOR}`, undefined, 404);
    },
    'Authentication-specific identities explained here.': async (world) => {
      const name = await set(world, world.name());
      await grant(world, name, [{ actor: world.server.app, operations: ['read'] }]);
      const query = `credential_name=${name}&actor=${world.server.app}`;
      expect((await world.send('DELETE', `${permissions}?${query}`)).status).toBe(204);
      const got = await world.send('GET', `/api/v1/data?name=${name}`, undefined, 'app');
      expect(got.status).toBe(404);
    },
  },
  'Interpolate Endpoint': {
    none: async (world) => {
      expect(await world.ok('POST', '/api/v1/interpolate?anything=goes', {})).toEqual({});
    },
  },
  'Encryption Key Usage': {
    none: async (world) => {
      const usage = { active_key: expect.any(Number), inactive_keys: 0, unknown_keys: 0 };
      expect(await world.ok('GET', '/api/v1/key-usage?anything=goes')).toEqual(usage);
    },
  },
};
