/** The tables under Set Credentials. */
import { expect } from 'vitest';
import { additionalPermissionChecks, type Check, type Checks, type Json, PEM, type World } from './world.ts';

function pem(name: string): string {
  return PEM[name] ?? '';
}

/** Two values of a type, the second unlike the first. */
const VALUES: Readonly<Record<string, readonly [unknown, unknown]>> = {
  Value: ['one', 'two'],
  JSON: [{ key: 123 }, { key: [true, null] }],
  Password: ['one', 'two'],
  User: [
    { username: 'u', password: 'one' },
    { username: 'u', password: 'two' },
  ],
  Certificate: [
    { ca: pem('ca1'), certificate: pem('leaf1'), private_key: pem('leaf1_key') },
    { ca: pem('ca2'), certificate: pem('ca2'), private_key: pem('ca2_key') },
  ],
  RSA: [
    { public_key: 'a', private_key: 'b' },
    { public_key: 'c', private_key: 'd' },
  ],
  SSH: [
    { public_key: pem('ssh1_pub'), private_key: 'b' },
    { public_key: pem('ssh2_pub'), private_key: 'd' },
  ],
};
function first(type: string): unknown {
  return VALUES[type]?.[0];
}
function second(type: string): unknown {
  return VALUES[type]?.[1];
}

function put(world: World, body: Json, status = 200): Promise<Json> {
  return world.ok('PUT', '/api/v1/data', body, { status });
}

/** The rows of a part of a structured value: null where it is left out, as sent where not. */
function part(type: string, field: string, without: Json, withIt: Json): Check {
  return async (world) => {
    const name = world.name();
    const bare = await put(world, { name, type, value: without });
    expect((bare.value as Json)[field]).toBeNull();
    const full = await put(world, { name, type, mode: 'overwrite', value: withIt });
    expect((full.value as Json)[field]).toBe(withIt[field]);
  };
}

const leaf = { certificate: pem('leaf1') };
const OWN: Readonly<Record<string, Checks>> = {
  User: {
    'value.username': part('user', 'username', { password: 'p' }, { username: 'u', password: 'p' }),
    'value.password': async (world) => {
      const set = await put(world, { name: world.name(), type: 'user', value: { password: 'p' } });
      expect((set.value as Json).password).toBe('p');
      await world.refused('PUT', '/api/v1/data', { name: world.name(), type: 'user', value: { username: 'u' } });
    },
  },
  Certificate: {
    'value.ca': part('certificate', 'ca', leaf, { ...leaf, ca: pem('ca1') }),
    'value.ca_name': async (world) => {
      const ca = world.name();
      await put(world, {
        name: ca,
        type: 'certificate',
        value: { certificate: pem('ca1'), private_key: pem('ca1_key') },
      });
      const name = world.name();
      const set = await put(world, { name, type: 'certificate', value: { ...leaf, ca_name: ca } });
      expect((set.value as Json).ca).toBe(pem('ca1'));
      const listed = await world.ok('GET', `/api/v1/certificates?name=${name}`);
      expect((listed.certificates as Json[])[0]).toMatchObject({ signed_by: ca });
    },
    'value.certificate': part('certificate', 'certificate', { ca: pem('ca1') }, leaf),
    'value.private_key': part('certificate', 'private_key', leaf, { ...leaf, private_key: pem('leaf1_key') }),
    'At least one value must be set': async (world) => {
      for (const value of [leaf, { ca: pem('ca1') }, { private_key: pem('leaf1_key') }]) {
        await put(world, { name: world.name(), type: 'certificate', value });
      }
      await world.refused('PUT', '/api/v1/data', { name: world.name(), type: 'certificate', value: {} });
    },
    '‘ca_name’ and ‘ca’ are mutually exclusive values': (world) =>
      world.refused('PUT', '/api/v1/data', {
        name: world.name(),
        type: 'certificate',
        value: { ...leaf, ca: pem('ca1'), ca_name: '/example-ca' },
      }),
  },
};

function keyPair(type: string): Checks {
  return {
    'value.public_key': part(type, 'public_key', { private_key: 'k' }, { public_key: 'p', private_key: 'k' }),
    'value.private_key': part(type, 'private_key', { public_key: 'p' }, { public_key: 'p', private_key: 'k' }),
    'At least one value must be set': async (world) => {
      for (const value of [{ public_key: 'p' }, { private_key: 'k' }]) {
        await put(world, { name: world.name(), type, value });
      }
      await world.refused('PUT', '/api/v1/data', { name: world.name(), type, value: {} });
    },
  };
}

/** `title` is the type as the headings write it. */
export function setChecks(title: string): Checks {
  const type = title.toLowerCase();
  const value = first(title);
  const noOverwrite = async (world: World, mode: Json): Promise<void> => {
    const name = world.name();
    const before = await put(world, { name, type, value });
    const after = await put(world, { name, type, value: second(title), ...mode });
    expect(after, 'the value that was there').toEqual(before);
  };
  const overwrite = async (world: World): Promise<void> => {
    const name = world.name();
    const before = await put(world, { name, type, value });
    const after = await put(world, { name, type, value: second(title), mode: 'overwrite' });
    expect(after.id).not.toBe(before.id);
    expect(after.value).toMatchObject(typeof second(title) === 'object' ? (second(title) as Json) : {});
  };
  return {
    name: async (world) => {
      const name = world.name();
      expect((await put(world, { name, type, value })).name).toBe(name);
      await world.refused('PUT', '/api/v1/data', { type, value });
    },
    type: async (world) => {
      const name = world.name();
      expect((await put(world, { name, type, value })).type).toBe(type);
      await world.refused('PUT', '/api/v1/data', { name: world.name(), value });
    },
    mode: async (world) => {
      await noOverwrite(world, {});
      await overwrite(world);
    },
    value: async (world) => {
      const set = await put(world, { name: world.name(), type, value });
      if (typeof value === 'object') expect(set.value).toMatchObject(value as Json);
      else expect(set.value).toBe(value);
      await world.refused('PUT', '/api/v1/data', { name: world.name(), type });
    },
    'Acceptable modes are': async (world) => {
      await noOverwrite(world, { mode: 'no-overwrite' });
      await overwrite(world);
      await world.refused('PUT', '/api/v1/data', { name: world.name(), type, value, mode: 'converge' });
    },
    ...additionalPermissionChecks((world, name, more) =>
      world.send('PUT', '/api/v1/data', { name, type, value, ...more }),
    ),
    ...(title === 'RSA' || title === 'SSH' ? keyPair(type) : OWN[title]),
  };
}
