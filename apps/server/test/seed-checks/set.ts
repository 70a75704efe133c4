/** The tables under Set Credentials. */
import { expect } from 'vitest';
import { additionalPermissionChecks, type Check, type Checks, type Json, PEM, type SeedClient } from './seed-client.ts';

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

function put(seedClient: SeedClient, body: Json, status = 200): Promise<Json> {
  return seedClient.ok('PUT', '/api/v1/data', body, { status });
}

/** The rows of a part of a structured value: null where it is left out, as sent where not. */
function part(type: string, field: string, without: Json, withIt: Json): Check {
  return async (seedClient) => {
    const name = seedClient.name();
    const bare = await put(seedClient, { name, type, value: without });
    expect((bare.value as Json)[field]).toBeNull();
    const full = await put(seedClient, { name, type, mode: 'overwrite', value: withIt });
    expect((full.value as Json)[field]).toBe(withIt[field]);
  };
}

const leaf = { certificate: pem('leaf1') };
const OWN: Readonly<Record<string, Checks>> = {
  User: {
    'value.username': part('user', 'username', { password: 'p' }, { username: 'u', password: 'p' }),
    'value.password': async (seedClient) => {
      const set = await put(seedClient, { name: seedClient.name(), type: 'user', value: { password: 'p' } });
      expect((set.value as Json).password).toBe('p');
      await seedClient.expectRefused('PUT', '/api/v1/data', {
        name: seedClient.name(),
        type: 'user',
        value: { username: 'u' },
      });
    },
  },
  Certificate: {
    'value.ca': part('certificate', 'ca', leaf, { ...leaf, ca: pem('ca1') }),
    'value.ca_name': async (seedClient) => {
      const ca = seedClient.name();
      await put(seedClient, {
        name: ca,
        type: 'certificate',
        value: { certificate: pem('ca1'), private_key: pem('ca1_key') },
      });
      const name = seedClient.name();
      const set = await put(seedClient, { name, type: 'certificate', value: { ...leaf, ca_name: ca } });
      expect((set.value as Json).ca).toBe(pem('ca1'));
      const listed = await seedClient.ok('GET', `/api/v1/certificates?name=${name}`);
      expect((listed.certificates as Json[])[0]).toMatchObject({ signed_by: ca });
    },
    'value.certificate': part('certificate', 'certificate', { ca: pem('ca1') }, leaf),
    'value.private_key': part('certificate', 'private_key', leaf, { ...leaf, private_key: pem('leaf1_key') }),
    'At least one value must be set': async (seedClient) => {
      for (const value of [leaf, { ca: pem('ca1') }, { private_key: pem('leaf1_key') }]) {
        await put(seedClient, { name: seedClient.name(), type: 'certificate', value });
      }
      await seedClient.expectRefused('PUT', '/api/v1/data', {
        name: seedClient.name(),
        type: 'certificate',
        value: {},
      });
    },
    '‘ca_name’ and ‘ca’ are mutually exclusive values': (seedClient) =>
      seedClient.expectRefused('PUT', '/api/v1/data', {
        name: seedClient.name(),
        type: 'certificate',
        value: { ...leaf, ca: pem('ca1'), ca_name: '/example-ca' },
      }),
  },
};

function keyPair(type: string): Checks {
  return {
    'value.public_key': part(type, 'public_key', { private_key: 'k' }, { public_key: 'p', private_key: 'k' }),
    'value.private_key': part(type, 'private_key', { public_key: 'p' }, { public_key: 'p', private_key: 'k' }),
    'At least one value must be set': async (seedClient) => {
      for (const value of [{ public_key: 'p' }, { private_key: 'k' }]) {
        await put(seedClient, { name: seedClient.name(), type, value });
      }
      await seedClient.expectRefused('PUT', '/api/v1/data', { name: seedClient.name(), type, value: {} });
    },
  };
}

/** `title` is the type as the headings write it. */
export function setChecks(title: string): Checks {
  const type = title.toLowerCase();
  const value = first(title);
  const noOverwrite = async (seedClient: SeedClient, mode: Json): Promise<void> => {
    const name = seedClient.name();
    const before = await put(seedClient, { name, type, value });
    const after = await put(seedClient, { name, type, value: second(title), ...mode });
    expect(after, 'the value that was there').toEqual(before);
  };
  const overwrite = async (seedClient: SeedClient): Promise<void> => {
    const name = seedClient.name();
    const before = await put(seedClient, { name, type, value });
    const after = await put(seedClient, { name, type, value: second(title), mode: 'overwrite' });
    expect(after.id).not.toBe(before.id);
    expect(after.value).toMatchObject(typeof second(title) === 'object' ? (second(title) as Json) : {});
  };
  return {
    name: async (seedClient) => {
      const name = seedClient.name();
      expect((await put(seedClient, { name, type, value })).name).toBe(name);
      await seedClient.expectRefused('PUT', '/api/v1/data', { type, value });
    },
    type: async (seedClient) => {
      const name = seedClient.name();
      expect((await put(seedClient, { name, type, value })).type).toBe(type);
      await seedClient.expectRefused('PUT', '/api/v1/data', { name: seedClient.name(), value });
    },
    mode: async (seedClient) => {
      await noOverwrite(seedClient, {});
      await overwrite(seedClient);
    },
    value: async (seedClient) => {
      const set = await put(seedClient, { name: seedClient.name(), type, value });
      if (typeof value === 'object') expect(set.value).toMatchObject(value as Json);
      else expect(set.value).toBe(value);
      await seedClient.expectRefused('PUT', '/api/v1/data', { name: seedClient.name(), type });
    },
    'Acceptable modes are': async (seedClient) => {
      await noOverwrite(seedClient, { mode: 'no-overwrite' });
      await overwrite(seedClient);
      await seedClient.expectRefused('PUT', '/api/v1/data', { name: seedClient.name(), type, value, mode: 'converge' });
    },
    ...additionalPermissionChecks((seedClient, name, more) =>
      seedClient.send('PUT', '/api/v1/data', { name, type, value, ...more }),
    ),
    ...(title === 'RSA' || title === 'SSH' ? keyPair(type) : OWN[title]),
  };
}
