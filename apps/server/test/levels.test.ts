/** What differs between API level 1 (CredHub 1.9) and level 2 (CredHub 2.15): each point at both, on whole processes. */
import type { Operation } from '@credplex/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordedFixtures } from './harness/golden.ts';
import { succeeded } from './harness/http.ts';
import {
  callRaw,
  DATA,
  fresh,
  generate,
  generateRaw,
  get,
  type Json,
  set,
  setRaw,
  statuses,
} from './harness/level-calls.ts';
import { NOBODY, OTHER } from './harness/recorded-actors.ts';
import { startServer, type TestServer } from './harness/server.ts';

const pem = recordedFixtures('set-certificate');
const OPERATIONS = ['read', 'write', 'delete', 'read_acl', 'write_acl'];

let one: TestServer;
let two: TestServer;
beforeAll(async () => {
  [one, two] = await Promise.all([startServer({ level: 1 }), startServer({ level: 2 })]);
});
afterAll(() => Promise.all([one?.stop(), two?.stop()]));

describe('the reported version', () => {
  test('level 1: /info tells 1.9.0, /version too', async () => {
    expect((await callRaw(one, 'GET', '/info')).body).toMatchObject({ app: { name: 'CredHub', version: '1.9.0' } });
    expect((await callRaw(one, 'GET', '/version')).body).toEqual({ version: '1.9.0' });
  });
  test('level 2: /info tells none, /version 2.15.20', async () => {
    expect((await callRaw(two, 'GET', '/info')).body.app).toEqual({ name: 'CredHub' });
    expect((await callRaw(two, 'GET', '/version')).body).toEqual({ version: '2.15.20' });
  });
  test('every answer tells the level, a refusal as well', async () => {
    for (const [server, level] of [
      [one, '1'],
      [two, '2'],
    ] as const) {
      for (const [path, as] of [
        ['/info', null],
        ['/version', 'admin'],
        ['/version', 'badsig'],
        ['/nowhere', 'admin'],
      ] as const) {
        const answer = await server.sendRaw('GET', path, undefined, { as });
        expect(answer.headers['x-credplex-level'], `${path} as ${as}`).toBe(level);
      }
    }
  });
});

describe('the length of a name', () => {
  const long = (length: number): string => `/${'n'.repeat(length - 1)}`;
  test('level 1: 255', async () => {
    expect(await statuses(set(one, { name: long(255) }), set(one, { name: long(256) }))).toEqual([200, 400]);
    const refused = await set(one, { name: long(256) });
    expect(refused.body.error).toContain('255');
  });
  test('level 2: 1024', async () => {
    expect(await statuses(set(two, { name: long(1024) }), set(two, { name: long(1025) }))).toEqual([200, 400]);
    expect((await set(two, { name: long(1025) })).body.error).toContain('1024');
  });
});

test('the wide set of characters in names holds at both', async () => {
  for (const server of [one, two]) {
    const name = `${fresh()}.:,()[]+-_`;
    expect(await statuses(set(server, { name }), set(server, { name: `${name} ` }))).toEqual([200, 400]);
  }
});

describe('generate without mode and overwrite', () => {
  const ids = async (server: TestServer) => {
    const name = fresh();
    const made = [{}, { parameters: { length: 40 } }].map((more) => () => generate(server, { name, ...more }));
    return [(await made[0]?.())?.body.id, (await made[1]?.())?.body.id];
  };
  test('level 1: no-overwrite', async () => {
    const [before, after] = await ids(one);
    expect(after).toBe(before);
  });
  test('level 2: converge', async () => {
    const [before, after] = await ids(two);
    expect(after).not.toBe(before);
  });
});

describe('mode and overwrite on set', () => {
  test('level 1: no-overwrite by default changes nothing, not even metadata or permissions', async () => {
    const name = fresh();
    const before = await set(one, { name, metadata: { a: 1 } });
    const permissions = [{ actor: NOBODY, operations: ['read' as const] }];
    for (const mode of [{}, { mode: 'no-overwrite' as const }, { overwrite: false }]) {
      const again = { name, value: 'w', metadata: { b: 2 }, additional_permissions: permissions, ...mode };
      expect(await set(one, again)).toEqual(before);
    }
    expect((await get(one, name, 'nobody')).status).toBe(404);
  });
  test('level 1: overwrite, and the boolean, write a version', async () => {
    const name = fresh();
    const before = await set(one, { name });
    for (const mode of [{ mode: 'overwrite' }, { overwrite: true }, { overwrite: 'true' }]) {
      const after = await setRaw(one, { name, value: 'w', ...mode });
      expect([after.status, after.body.value, after.body.id === before.body.id]).toEqual([200, 'w', false]);
    }
  });
  test('level 1: converge and unknown modes are refused', async () => {
    for (const mode of ['converge', 'OVERWRITE', '', 5]) {
      expect((await setRaw(one, { name: fresh(), mode })).status, String(mode)).toBe(400);
    }
  });
  test('level 2: both are unknown parameters', async () => {
    for (const more of [{ mode: 'overwrite' }, { mode: null }, { overwrite: true }]) {
      const refused = await setRaw(two, { name: fresh(), ...more });
      expect([refused.status, refused.body.error]).toEqual([422, expect.stringContaining('unrecognized parameter')]);
    }
  });
});

describe('mode together with overwrite', () => {
  test('level 1: refused only when both are non-null', async () => {
    for (const send of [setRaw, generateRaw]) {
      const type = send === setRaw ? 'value' : 'password';
      const results = [
        { mode: 'overwrite', overwrite: true },
        { mode: 'overwrite', overwrite: null },
        { mode: null, overwrite: true },
      ].map((more) => send(one, { name: fresh(), type, ...more }));
      expect(await statuses(...results), type).toEqual([400, 200, 200]);
    }
  });
  test('level 2: refused when mode is non-null and the key overwrite is there', async () => {
    const results = [
      { mode: 'overwrite', overwrite: true },
      { mode: 'overwrite', overwrite: null },
      { mode: null, overwrite: true },
    ].map((more) => generateRaw(two, { name: fresh(), ...more }));
    expect(await statuses(...results)).toEqual([400, 400, 200]);
  });
});

describe('additional_permissions', () => {
  const entry = (operations: Operation[], actor = NOBODY) => [{ actor, operations }];
  test('level 1: stored with the version, on set and generate, also when it overwrites', async () => {
    for (const send of [set, generate]) {
      const name = fresh();
      expect((await send(one, { name, additional_permissions: entry(['read']) })).status).toBe(200);
      expect((await get(one, name, 'nobody')).status).toBe(200);
      await send(one, { name, mode: 'overwrite', additional_permissions: entry(['read'], OTHER) });
      expect(await statuses(get(one, name, 'nobody'), get(one, name, 'other'))).toEqual([200, 200]);
    }
  });
  test('level 1: on an existing name write_acl is needed', async () => {
    const name = fresh();
    await set(one, { name, additional_permissions: entry(['read', 'write']) });
    const more = { name, mode: 'overwrite', additional_permissions: entry(['read'], OTHER) } as const;
    expect((await set(one, more, 'nobody')).status).toBe(403);
    expect((await get(one, name, 'other')).status).toBe(404);
    expect((await set(one, { name, mode: 'overwrite' }, 'nobody')).status).toBe(200);
  });
  test('level 1: the own actor is refused, null is none', async () => {
    const own = await set(one, { name: fresh(), additional_permissions: entry(['read']) }, 'nobody');
    expect([own.status, own.body.error]).toEqual([400, expect.stringContaining('Modification of access control')]);
    expect((await set(one, { name: fresh(), additional_permissions: null })).status).toBe(200);
  });
  test('level 2: an unknown parameter', async () => {
    const more = { additional_permissions: entry(['read']) };
    expect(await statuses(set(two, { name: fresh(), ...more }), generate(two, { name: fresh(), ...more }))).toEqual([
      422, 400,
    ]);
  });
});

describe('creating a name', () => {
  test('level 1: anybody may, and owns it: all five operations on exactly that name', async () => {
    const name = fresh();
    expect((await set(one, { name }, 'nobody')).status).toBe(200);
    const listed = await callRaw(one, 'GET', `/api/v1/permissions?credential_name=${name}`, undefined, 'nobody');
    expect(listed.body.permissions).toEqual([{ actor: NOBODY, operations: OPERATIONS }]);
    expect((await set(one, { name: `${name}/below` }, 'other')).status).toBe(200);
    expect((await get(one, `${name}/below`, 'nobody')).status).toBe(404);
  });
  test('level 1: on an existing name write comes before type, in every mode', async () => {
    const name = fresh();
    await set(one, { name });
    const tries = [{}, { mode: 'no-overwrite' }, { type: 'password', mode: 'overwrite' }];
    expect(await statuses(...tries.map((more) => setRaw(one, { name, ...more }, 'nobody')))).toEqual([403, 403, 403]);
    expect((await set(one, { name, type: 'password', mode: 'no-overwrite' })).status).toBe(400);
  });
  test('level 1: of racing creators one owns the name, the others come second', async () => {
    const name = fresh();
    const all = await Promise.all(
      ['nobody', 'other', 'user', 'app', 'nobody', 'other'].map(async (as) => ({
        as,
        ...(await set(one, { name }, as)),
      })),
    );
    const owners = new Set(all.filter(({ status }) => status === 200).map(({ as }) => as));
    expect(owners.size).toBe(1);
    expect(all.filter(({ as, status }) => !owners.has(as) && status !== 403)).toEqual([]);
  });
  test('level 2: write on the name is needed, and nothing is granted', async () => {
    const name = fresh();
    expect((await set(two, { name }, 'nobody')).status).toBe(403);
    await callRaw(two, 'POST', '/api/v2/permissions', { path: name, actor: NOBODY, operations: ['write'] });
    expect(await statuses(set(two, { name }, 'nobody'), get(two, name, 'nobody'))).toEqual([200, 404]);
  });
});

test('a credential without any entry is closed at both, and finds leave it out', async () => {
  for (const server of [one, two]) {
    const name = fresh();
    await set(server, { name });
    // At level 1 its creator holds an entry: somebody else takes it away.
    if (server === one) {
      await callRaw(one, 'POST', '/api/v2/permissions', { path: name, actor: OTHER, operations: OPERATIONS });
      const query = { path: name, actor: 'uaa-client:credhub_client' };
      const { uuid } = await succeeded(one.as('other')('GET /api/v2/permissions', { query }));
      await one.as('other')('DELETE /api/v2/permissions/{uuid}', { params: { uuid } });
    }
    expect((await get(server, name, 'nobody')).status).toBe(404);
    for (const query of [`path=${name.slice(0, -5)}`, `name-like=${name}`]) {
      const found = await callRaw(server, 'GET', `${DATA}?${query}`, undefined, 'nobody');
      expect(found.body).toEqual({ credentials: [] });
    }
  }
});

describe('paths=true', () => {
  test('level 1: every folder of the names that the caller reads, sorted; none: an empty list', async () => {
    expect((await callRaw(one, 'GET', `${DATA}?paths=true`, undefined, 'user')).body).toEqual({ paths: [] });
    await set(one, { name: '/Paths/b/c/name' }, 'user');
    await set(one, { name: '/Paths/a' }, 'user');
    const paths = ['/', '/Paths/', '/Paths/b/', '/Paths/b/c/'].map((path) => ({ path }));
    expect((await callRaw(one, 'GET', `${DATA}?paths=true`, undefined, 'user')).body).toEqual({ paths });
  });
  test('level 2: there is no such parameter', async () => {
    const refused = await callRaw(two, 'GET', `${DATA}?paths=true`);
    expect([refused.status, refused.body.error]).toEqual([400, expect.stringContaining('query parameter name')]);
  });
});

describe('deleting a credential', () => {
  test('level 1: its entries go with it, so that a later owner is alone', async () => {
    const name = fresh();
    await set(one, { name, additional_permissions: [{ actor: OTHER, operations: ['read'] }] }, 'nobody');
    expect((await get(one, name, 'other')).status).toBe(200);
    expect((await callRaw(one, 'DELETE', `${DATA}?name=${name}`, undefined, 'nobody')).status).toBe(204);
    await set(one, { name }, 'user');
    expect(await statuses(get(one, name, 'other'), get(one, name, 'nobody'), get(one, name, 'user'))).toEqual([
      404, 404, 200,
    ]);
  });
  test('level 2: entries stay, and a later credential inherits them', async () => {
    const name = fresh();
    await set(two, { name });
    await callRaw(two, 'POST', '/api/v2/permissions', { path: name, actor: NOBODY, operations: ['read'] });
    await callRaw(two, 'DELETE', `${DATA}?name=${name}`);
    await set(two, { name });
    expect((await get(two, name, 'nobody')).status).toBe(200);
  });
});

describe('v1 permissions', () => {
  const path = '/api/v1/permissions';
  const entry = { actor: NOBODY, operations: ['read'] };
  test('level 1: of a credential; rows without path; POST answers the list; nothing new is 201 too', async () => {
    const name = fresh();
    const body = { credential_name: name, permissions: [entry] };
    expect((await callRaw(one, 'POST', path, body)).status).toBe(404);
    await set(one, { name });
    const added = await callRaw(one, 'POST', path, body);
    const listed = await callRaw(one, 'GET', `${path}?credential_name=${name}`);
    expect(added).toEqual({ status: 201, body: listed.body });
    expect(listed.body.permissions).toContainEqual(entry);
    expect(await callRaw(one, 'POST', path, body)).toEqual(added);
  });
  test('level 2: of a path; rows with path; POST answers nothing; nothing new is 409', async () => {
    const name = fresh();
    const body = { credential_name: name, permissions: [entry] };
    expect(await callRaw(two, 'POST', path, body)).toEqual({ status: 201, body: undefined });
    await set(two, { name });
    const listed = await callRaw(two, 'GET', `${path}?credential_name=${name}`);
    expect(listed.body.permissions).toEqual([{ ...entry, path: name }]);
    expect((await callRaw(two, 'POST', path, body)).status).toBe(409);
  });
});

describe('what is as in 2.15 at both', () => {
  const both = [1, 2] as const;
  const at = (level: 1 | 2): TestServer => (level === 1 ? one : two);
  test.for(both)('level %s: the fields of a credential, in order', async (level) => {
    const answer = await at(level).sendRaw('PUT', DATA, {
      name: fresh(),
      type: 'value',
      value: 'v',
      metadata: { b: 1, a: 2 },
    });
    expect(Object.keys(answer.json() as Json)).toEqual([
      'type',
      'version_created_at',
      'id',
      'name',
      'metadata',
      'value',
    ]);
    expect(answer.text).toContain('"metadata":{"b":1,"a":2}');
  });
  test.for(both)('level %s: v2 permissions', async (level) => {
    const body = { path: fresh(), actor: NOBODY, operations: ['write', 'read'] };
    const made = await callRaw(at(level), 'POST', '/api/v2/permissions', body);
    expect(made).toEqual({ status: 201, body: { ...body, operations: ['read', 'write'], uuid: expect.any(String) } });
    expect((await callRaw(at(level), 'POST', '/api/v2/permissions', body)).status).toBe(409);
  });
  test.for(both)('level %s: certificates', async (level) => {
    const name = fresh();
    const parameters = { common_name: 'c', self_sign: true };
    const made = await generate(at(level), { name, type: 'certificate', parameters });
    expect(made.body).toMatchObject({ duration_used: 365, key_length: 2048, self_signed: true, transitional: false });
    const listed = await callRaw(at(level), 'GET', `/api/v1/certificates?name=${name}`);
    expect(listed.body.certificates).toMatchObject([{ name, signed_by: name, signs: [] }]);
  });
  test.for(both)('level %s: the bodies of 401 and of a missing scope', async (level) => {
    const nobody = await at(level).sendRaw('GET', `${DATA}?name=/a`, undefined, { as: null });
    expect([nobody.status, nobody.json()]).toEqual([
      401,
      { error: 'access_denied', error_description: 'Full authentication is required to access this resource' },
    ]);
    const expired = await at(level).sendRaw('GET', `${DATA}?name=/a`, undefined, { as: 'expired' });
    expect(expired.json()).toEqual({ error: 'access_token_expired', error_description: 'Access token expired' });
    const scope = await at(level).sendRaw('GET', `${DATA}?name=/a`, undefined, { as: 'readscope' });
    expect([scope.status, scope.text]).toEqual([403, '']);
  });
});

describe('converge and the duration of a certificate', () => {
  const versions = async (server: TestServer) => {
    const body = { name: fresh(), type: 'certificate', mode: 'converge' } as const;
    const parameters = { common_name: 'c', self_sign: true, duration: 100 };
    const first = await generate(server, { ...body, parameters });
    const same = await generate(server, { ...body, parameters });
    const longer = await generate(server, { ...body, parameters: { ...parameters, duration: 200 } });
    return [first, same, longer].map(({ body: made }) => made.id);
  };
  test('level 1: another duration makes a new version', async () => {
    const [first, same, longer] = await versions(one);
    expect([same === first, longer === first]).toEqual([true, false]);
  });
  test('level 2: the duration is not looked at', async () => {
    const [first, same, longer] = await versions(two);
    expect([same === first, longer === first]).toEqual([true, true]);
  });
});

describe('what 2.15 answers with 422', () => {
  const requests: readonly [string, string, unknown][] = [
    ['PUT', DATA, { name: '/x', type: 'nothing', value: 'v' }],
    ['PUT', DATA, { name: '/x', type: 'value', value: 'v', foo: 1 }],
    ['POST', '/api/v1/regenerate', { name: '/x', foo: 1 }],
    ['POST', '/api/v1/bulk-regenerate', { signed_by: '/x', foo: 1 }],
    ['POST', '/api/v2/permissions', { path: '/x', actor: NOBODY, operations: ['own'] }],
    ['POST', '/api/v1/permissions', { credential_name: '/x', permissions: [{ actor: NOBODY, operations: ['own'] }] }],
    ['POST', '/management', { read_only_mode: false, foo: 1 }],
  ];
  test('level 1: 400 with the same text; level 2: 422', async () => {
    for (const [method, path, body] of requests) {
      const [low, high] = await Promise.all([callRaw(one, method, path, body), callRaw(two, method, path, body)]);
      expect([low.status, high.status, low.body], `${method} ${path}`).toEqual([400, 422, high.body]);
    }
  });
});

describe('set of a certificate', () => {
  const tryValue = (server: TestServer, value: Json) => set(server, { name: fresh(), type: 'certificate', value });
  const parts = [{ ca: pem.ca1 }, { private_key: pem.leaf1_key }, { certificate: pem.leaf1 }, {}];
  test('level 1: any one of ca, certificate and private_key will do', async () => {
    expect(await statuses(...parts.map((value) => tryValue(one, value)))).toEqual([200, 200, 200, 400]);
  });
  test('level 2: the certificate is required', async () => {
    expect(await statuses(...parts.map((value) => tryValue(two, value)))).toEqual([400, 400, 200, 400]);
    expect((await tryValue(two, parts[0] ?? {})).body).toEqual({ error: 'You must provide a certificate.' });
  });
});

// Last: it starts the level 2 server anew.
test('a long name from level 2 goes on working when the level becomes 1', async () => {
  const name = `/${'l'.repeat(500)}`;
  const before = await set(two, { name });
  await two.restart({ level: 1 });
  expect((await callRaw(two, 'GET', '/version')).body).toEqual({ version: '1.9.0' });
  expect((await get(two, name)).body.data).toEqual([before.body]);
  expect((await set(two, { name, value: 'w', mode: 'overwrite' })).status).toBe(200);
  expect((await set(two, { name: `${name}x` })).status).toBe(400);
});
