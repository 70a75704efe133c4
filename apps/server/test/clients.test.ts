/**
 * What known clients of CredHub send, replayed against a server with the settings of docs/develop/integrations.md, from
 * the examples that stand there: each reference of the manifest and the pipeline is looked up as the client would.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordedFixtures } from './harness/golden.ts';
import type { Answer } from './harness/http.ts';
import { example, references } from './harness/integrations-page.ts';
import { clientClaims } from './harness/outside-uaa.ts';
import { ADMIN } from './harness/recorded-actors.ts';
import { startServer, type TestServer } from './harness/server.ts';

type Json = Record<string, unknown>;
const shown = example('credplex.yml') as { level: 1 | 2; certificates: Json; permissions: Json[] };
const everything = { path: '/*', actors: [ADMIN], operations: ['read', 'write', 'delete', 'read_acl', 'write_acl'] };
const keys = recordedFixtures('set-ssh');

let server: TestServer;
beforeAll(async () => {
  const settings = { certificates: shown.certificates, permissions: [everything, ...shown.permissions] };
  server = await startServer({ level: shown.level, settings });
});
afterAll(() => server?.stop());

interface Program {
  send(method: string, path: string, body?: unknown, headers?: Record<string, string | null>): Promise<Answer>;
  ok(method: string, path: string, body?: unknown): Promise<Json>;
}

/** A client with its own id, which sends the headers of its library. */
function program(id: string, headers: Record<string, string | null>): Program {
  const as = { token: server.uaa.token(clientClaims(id)) };
  const send: Program['send'] = (method, path, body, more = {}) =>
    server.client.sendRaw({
      method,
      path,
      as,
      ...(body === undefined ? {} : { body }),
      headers: { ...headers, ...more },
    });
  return {
    send,
    async ok(method, path, body) {
      const answer = await send(method, path, body);
      expect([200, 201], `${method} ${path}: ${answer.text}`).toContain(answer.status);
      return answer.text === '' ? {} : (answer.json() as Json);
    },
  };
}
async function adminSet(name: string, type: string, value: unknown): Promise<void> {
  expect((await server.sendRaw('PUT', '/api/v1/data', { name, type, value })).status, name).toBe(200);
}

/** Follows a dotted path into a value, as BOSH and Concourse do. */
function part(value: unknown, fields: readonly string[]): unknown {
  return fields.reduce<unknown>((inner, field) => (inner as Json | null)?.[field], value);
}

describe('BOSH director', () => {
  interface Variable {
    name: string;
    type: string;
    options?: Json;
    update_mode?: string;
  }
  const manifest = example('manifest') as { name: string; variables: Variable[]; instance_groups: unknown };
  const DIRECTOR = 'my-director';
  const absolute = (name: string): string => (name.startsWith('/') ? name : `/${DIRECTOR}/${manifest.name}/${name}`);
  const director = () => program('director_to_credhub', { accept: '*/*', 'user-agent': 'Ruby' });

  /** One deploy: generates each variable, gives the ids by name. */
  async function deploy(variables: readonly Variable[]): Promise<Map<string, unknown>> {
    const ids = new Map<string, unknown>();
    for (const { name, type, options = {}, update_mode: mode = 'no-overwrite' } of variables) {
      const parameters = typeof options.ca === 'string' ? { ...options, ca: absolute(options.ca) } : options;
      const body = { name: absolute(name), type, parameters, mode };
      const { id } = await director().ok('POST', '/api/v1/data', body);
      ids.set(absolute(name), id);
    }
    return ids;
  }

  beforeAll(async () => {
    const parameters = { common_name: 'root-ca', is_ca: true };
    await director().ok('POST', '/api/v1/data', { name: '/root-ca', type: 'certificate', parameters });
  });

  test("the manifest's variables are generated, and kept at the next deploy", async () => {
    const first = await deploy(manifest.variables);
    expect([...first.keys()]).toEqual([
      '/example-user',
      '/example-certificate',
      '/my-director/example/example-password',
    ]);
    expect(await deploy(manifest.variables)).toEqual(first);
  });

  test('converge changes what the manifest changed, overwrite changes all', async () => {
    const converge = manifest.variables.map((variable) => ({ ...variable, update_mode: 'converge' }));
    const first = await deploy(converge);
    expect(await deploy(converge)).toEqual(first);
    const longer = converge.map((variable) =>
      variable.type === 'password' ? { ...variable, options: { length: 60 } } : variable,
    );
    const second = await deploy(longer);
    const changed = [...second].filter(([name, id]) => first.get(name) !== id).map(([name]) => name);
    expect(changed).toEqual(['/my-director/example/example-password']);
    const third = await deploy(longer.map((variable) => ({ ...variable, update_mode: 'overwrite' })));
    for (const [name, id] of third) expect(second.get(name), name).not.toBe(id);
    await deploy(manifest.variables.map((variable) => ({ ...variable, update_mode: 'overwrite' })));
  });

  for (const reference of references(manifest.instance_groups)) {
    test(`((${reference})) is found by id and by name`, async () => {
      const [name = '', ...fields] = reference.split('.');
      const ids = await deploy(manifest.variables);
      const byId = await director().ok('GET', `/api/v1/data/${ids.get(absolute(name))}`);
      const byName = await director().ok('GET', `/api/v1/data?name=${absolute(name)}&current=true`);
      const { value } = (byName.data as Json[])[0] ?? {};
      expect(byId.value).toEqual(value);
      const found = part(value, fields);
      const expected: Record<string, unknown> = {
        '/example-certificate': expect.objectContaining({
          ca: expect.stringContaining('BEGIN CERTIFICATE'),
          certificate: expect.stringContaining('BEGIN CERTIFICATE'),
          private_key: expect.stringContaining('BEGIN RSA PRIVATE KEY'),
        }),
        '/example-user.username': 'admin',
        '/example-user.password': expect.stringMatching(/^[A-Za-z0-9]{30}$/),
        'example-password': expect.stringMatching(/^[A-Za-z0-9]{50}$/),
      };
      expect(found).toEqual(expected[reference]);
    });
  }

  test('a name that is not there is a 404, which the director reports as missing', async () => {
    expect((await director().send('GET', '/api/v1/data?name=/my-director/example/none&current=true')).status).toBe(404);
  });

  test('a CA is rotated without an outage: both CAs are trusted meanwhile', async () => {
    const listed = await director().ok('GET', '/api/v1/certificates?name=/root-ca');
    const { id } = (listed.certificates as Json[])[0] ?? {};
    await director().ok('POST', `/api/v1/certificates/${id}/regenerate`, { set_as_transitional: true });
    const both = await director().ok('GET', '/api/v1/data?name=/example-certificate&current=true');
    const { ca } = ((both.data as Json[])[0]?.value ?? {}) as Json;
    expect(String(ca).match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    const { versions } = (
      (await director().ok('GET', '/api/v1/certificates?name=/root-ca')).certificates as {
        versions: { id: string; transitional: boolean }[];
      }[]
    )[0] ?? { versions: [] };
    const old = versions.find(({ transitional }) => !transitional);
    await director().ok('PUT', `/api/v1/certificates/${id}/update_transitional_version`, { version: old?.id });
    const regenerated = await director().ok('POST', '/api/v1/bulk-regenerate', { signed_by: '/root-ca' });
    expect(regenerated).toEqual({ regenerated_credentials: ['/example-certificate'] });
    await director().ok('PUT', `/api/v1/certificates/${id}/update_transitional_version`, { version: null });
    const after = await director().ok('GET', '/api/v1/data?name=/example-certificate&current=true');
    const value = ((after.data as Json[])[0]?.value ?? {}) as Json;
    expect(String(value.ca).match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
  });
});

describe('Concourse', () => {
  const pipeline = example('pipeline');
  const TEAM = '/concourse/main';
  const concourse = () => program('concourse_to_credhub', { 'content-type': 'application/json', accept: null });

  /** Looks up the pipeline's, the team's and the shared path, like Concourse. */
  async function lookUp(reference: string): Promise<unknown> {
    const [name = '', ...fields] = reference.split('.');
    for (const folder of [`${TEAM}/my-pipeline`, TEAM, '/concourse/shared']) {
      const path = `${folder}/${name}`;
      const found = await concourse().ok('GET', `/api/v1/data?name-like=${encodeURIComponent(path)}`);
      if ((found.credentials as unknown[]).length === 0) continue;
      const { data } = await concourse().ok('GET', `/api/v1/data?current=true&name=${encodeURIComponent(path)}`);
      return part((data as Json[])[0]?.value, fields);
    }
    return undefined;
  }

  beforeAll(async () => {
    await adminSet(`${TEAM}/my-pipeline/ci-key`, 'ssh', { public_key: keys.ssh1_pub, private_key: keys.ssh1_key });
    await adminSet(`${TEAM}/my-pipeline/s3/write/access-key-id`, 'value', 'AKIA');
    await adminSet(`${TEAM}/s3/write/secret-access-key`, 'password', 's3cret');
    await adminSet('/concourse/shared/bosh-client', 'user', { username: 'ci', password: 'ci-password' });
  });

  const values: Record<string, unknown> = {
    'ci-key.private_key': keys.ssh1_key,
    's3/write/access-key-id': 'AKIA',
    's3/write/secret-access-key': 's3cret',
    'bosh-client.username': 'ci',
    'bosh-client.password': 'ci-password',
  };
  for (const reference of references(pipeline)) {
    test(`((${reference})) of the pipeline is found`, async () => {
      expect(Object.keys(values)).toContain(reference);
      expect(await lookUp(reference)).toBe(values[reference]);
    });
  }

  test('the pipeline path comes before the team path', async () => {
    await adminSet(`${TEAM}/both`, 'value', 'team');
    expect(await lookUp('both')).toBe('team');
    await adminSet(`${TEAM}/my-pipeline/both`, 'value', 'pipeline');
    expect(await lookUp('both')).toBe('pipeline');
  });

  test('a field of a json value is found, and a name that is nowhere is not', async () => {
    await adminSet(`${TEAM}/nested`, 'json', { deep: { er: [1] } });
    expect(await lookUp('nested.deep.er')).toEqual([1]);
    expect(await lookUp('nowhere')).toBeUndefined();
  });

  test('other folders stay hidden from it', async () => {
    await adminSet('/elsewhere/main/secret', 'value', 'hidden');
    expect(await concourse().ok('GET', '/api/v1/data?name-like=/elsewhere')).toEqual({ credentials: [] });
    expect((await concourse().send('GET', '/api/v1/data?current=true&name=/elsewhere/main/secret')).status).toBe(404);
    expect((await concourse().send('PUT', '/api/v1/data', { name: '/x', type: 'value', value: 'v' })).status).toBe(403);
  });

  test('its health check sees UP, without a token', async () => {
    const health = await concourse().send('GET', '/health', undefined, { authorization: null });
    expect(health.json()).toEqual({ status: 'UP' });
  });
});

describe('spring-credhub', () => {
  const spring = () =>
    program('spring_app', { accept: 'application/json, application/*+json', 'content-type': 'application/json' });
  const encoded = (name: string): string => encodeURIComponent(name);

  test('write, read by name, by history and by id, find, delete', async () => {
    const name = '/spring/app/settings';
    const value = { 'client.id': 'c', 'client.secret': 's', retries: 3 };
    const written = await spring().ok('PUT', '/api/v1/data', { name, type: 'json', value });
    expect(written).toMatchObject({ name, type: 'json', value });
    for (const path of [name, encoded(name)]) {
      expect((await spring().ok('GET', `/api/v1/data?name=${path}&current=true`)).data).toEqual([written]);
      expect((await spring().ok('GET', `/api/v1/data?name=${path}&versions=5`)).data).toEqual([written]);
      expect((await spring().ok('GET', `/api/v1/data?name=${path}`)).data).toEqual([written]);
    }
    expect(await spring().ok('GET', `/api/v1/data/${written.id}`)).toEqual(written);
    const summary = [{ name, version_created_at: written.version_created_at }];
    expect(await spring().ok('GET', '/api/v1/data?name-like=settings')).toEqual({ credentials: summary });
    expect(await spring().ok('GET', '/api/v1/data?path=%2Fspring%2Fapp')).toEqual({ credentials: summary });
    expect((await spring().send('DELETE', `/api/v1/data?name=${encoded(name)}`)).status).toBe(204);
  });

  test('generate with each mode, and regenerate', async () => {
    const body = { name: '/spring/app/password', type: 'password', parameters: { length: 20 } };
    const first = await spring().ok('POST', '/api/v1/data', body);
    expect(await spring().ok('POST', '/api/v1/data', { ...body, mode: 'no-overwrite' })).toEqual(first);
    expect(await spring().ok('POST', '/api/v1/data', { ...body, mode: 'converge' })).toEqual(first);
    expect(await spring().ok('POST', '/api/v1/data', { ...body, mode: 'overwrite' })).not.toEqual(first);
    const again = await spring().ok('POST', '/api/v1/regenerate', { name: body.name });
    expect(again.value).toHaveLength(20);
  });

  test('a mode on set is an unknown parameter at level 2, as in CredHub 2', async () => {
    const body = { name: '/spring/app/value', type: 'value', value: 'v', mode: 'overwrite' };
    expect((await spring().send('PUT', '/api/v1/data', body)).status).toBe(422);
  });

  test('a name of one segment comes without its slash, and is found', async () => {
    await adminSet('/single', 'value', 'v');
    const reader = await server.call('GET /api/v1/data', { query: { name: 'single', current: true } });
    expect(reader.response.json()).toMatchObject({ data: [{ name: '/single' }] });
  });

  test('a name of one segment is regenerated without its slash; a longer one is not found without, as in CredHub', async () => {
    await server.call('POST /api/v1/data', { body: { name: '/one-segment', type: 'password' } });
    const again = await server.call('POST /api/v1/regenerate', { body: { name: 'one-segment' } });
    expect([again.status, again.response.json()]).toEqual([200, expect.objectContaining({ name: '/one-segment' })]);
    await server.call('POST /api/v1/data', { body: { name: '/two/segments', type: 'password' } });
    expect((await server.call('POST /api/v1/regenerate', { body: { name: 'two/segments' } })).status).toBe(404);
  });

  test('permissions, both versions', async () => {
    const name = '/spring/app/shared';
    await spring().ok('PUT', '/api/v1/data', { name, type: 'value', value: 'v' });
    const actor = 'uaa-user:106f52e2-5d01-4675-8d7a-c05ff9a2c081';
    const made = await spring().ok('POST', '/api/v2/permissions', { path: name, actor, operations: ['read'] });
    expect(await spring().ok('GET', `/api/v2/permissions/${made.uuid}`)).toEqual(made);
    expect(await spring().ok('GET', `/api/v2/permissions?path=${encoded(name)}&actor=${encoded(actor)}`)).toEqual(made);
    const wider = { path: name, actor, operations: ['read', 'write'] };
    expect(await spring().ok('PUT', `/api/v2/permissions/${made.uuid}`, wider)).toMatchObject(wider);
    await spring().ok('DELETE', `/api/v2/permissions/${made.uuid}`);
    const entry = { actor, operations: ['read'] };
    await spring().ok('POST', '/api/v1/permissions', { credential_name: name, permissions: [entry] });
    const listed = await spring().ok('GET', `/api/v1/permissions?credential_name=${encoded(name)}`);
    expect(listed.permissions).toEqual([{ ...entry, path: name }]);
    const gone = await spring().send(
      'DELETE',
      `/api/v1/permissions?credential_name=${encoded(name)}&actor=${encoded(actor)}`,
    );
    expect(gone.status).toBe(204);
  });

  test('certificates: all, by name, regenerate, transitional version, bulk', async () => {
    const make = (name: string, parameters: Json) =>
      spring().ok('POST', '/api/v1/data', { name, type: 'certificate', parameters });
    await make('/spring/ca', { common_name: 'spring ca', is_ca: true });
    await make('/spring/leaf', { common_name: 'leaf', ca: '/spring/ca' });
    const all = (await spring().ok('GET', '/api/v1/certificates')).certificates as Json[];
    expect(all.map(({ name }) => name).sort()).toEqual(['/spring/ca', '/spring/leaf']);
    const one = (await spring().ok('GET', '/api/v1/certificates?name=%2Fspring%2Fca')).certificates as Json[];
    const id = one[0]?.id;
    const next = await spring().ok('POST', `/api/v1/certificates/${id}/regenerate`, { set_as_transitional: true });
    expect(next.transitional).toBe(true);
    const moved = await spring().ok('PUT', `/api/v1/certificates/${id}/update_transitional_version`, {
      version: next.id,
    });
    expect(moved).toHaveLength(2);
    const bulk = await spring().ok('POST', '/api/v1/bulk-regenerate', { signed_by: '/spring/ca' });
    expect(bulk).toEqual({ regenerated_credentials: ['/spring/leaf'] });
  });

  test('interpolate', async () => {
    await spring().ok('PUT', '/api/v1/data', { name: '/spring/binding', type: 'json', value: { uri: 'u' } });
    const services = { db: [{ name: 'db', credentials: { 'credhub-ref': '((/spring/binding))' }, tags: ['sql'] }] };
    const filled = await spring().ok('POST', '/api/v1/interpolate', services);
    expect(filled).toEqual({ db: [{ name: 'db', credentials: { uri: 'u' }, tags: ['sql'] }] });
  });
});

describe('Terraform', () => {
  const terraform = () => program('terraform', { 'content-type': 'application/json', accept: null });

  test('the provider asks for the version first', async () => {
    expect(await terraform().ok('GET', '/info')).toEqual({
      'auth-server': { url: server.uaa.url },
      app: { name: 'CredHub' },
    });
    expect(await terraform().ok('GET', '/version')).toEqual({ version: '2.15.20' });
  });

  test('a generated password: create, read by id, create anew, exists no more, delete', async () => {
    const name = '/terraform/db-password';
    const body = { name, type: 'password', parameters: { length: 40 }, overwrite: true };
    const first = await terraform().ok('POST', '/api/v1/data', body);
    expect(await terraform().ok('GET', `/api/v1/data/${first.id}`)).toEqual(first);
    const second = await terraform().ok('POST', '/api/v1/data', { ...body, parameters: { length: 41 } });
    expect(second.value).toHaveLength(41);
    expect((await terraform().send('DELETE', `/api/v1/data?name=${name}`)).status).toBe(204);
    const missing = await terraform().send('GET', `/api/v1/data/${second.id}`);
    // The provider looks for these words to tell "gone" from "failed".
    expect([missing.status, missing.text]).toEqual([404, expect.stringContaining('does not exist')]);
  });

  test('a generic value', async () => {
    const body = { name: 'terraform/settings', type: 'json', value: { a: '1' } };
    const set = await terraform().ok('PUT', '/api/v1/data', body);
    expect(set.name).toBe('/terraform/settings');
    const latest = await terraform().ok('GET', '/api/v1/data?current=true&name=terraform%2Fsettings');
    expect(latest.data).toEqual([set]);
  });

  test('a permission by its UUID: create, read, update, delete', async () => {
    const wanted = { path: '/terraform/db-password', actor: 'uaa-client:app', operations: ['read'] };
    const made = await terraform().ok('POST', '/api/v2/permissions', wanted);
    expect(await terraform().ok('GET', `/api/v2/permissions/${made.uuid}`)).toEqual(made);
    const update = { ...wanted, operations: ['write', 'read'] };
    const updated = await terraform().ok('PUT', `/api/v2/permissions/${made.uuid}`, update);
    expect(updated).toEqual({ ...made, operations: ['read', 'write'] });
    expect(await terraform().ok('DELETE', `/api/v2/permissions/${made.uuid}`)).toEqual(updated);
  });
});

test("the Go library's converge mode names both mode and overwrite: 400, as in CredHub 2", async () => {
  const body = { name: '/go/password', type: 'password', parameters: {}, mode: 'converge', overwrite: false };
  expect((await server.sendRaw('POST', '/api/v1/data', body)).status).toBe(400);
});

describe('Cloud Foundry instance identity', () => {
  const broker = () => program('service_broker', { accept: 'application/json' });
  const reference = '/c/my-broker/my-service/4c2d/credentials';
  const services = { 'my-service': [{ credentials: { 'credhub-ref': reference }, label: 'my-service', plan: null }] };
  const asInstance = (as: string) => server.as(as)('POST /api/v1/interpolate', { body: services });

  test.for(['app', 'app_cf'])('the instance with the certificate %s reads what the broker allowed', async (as) => {
    const credentials = { uri: 'postgres://db', password: 's3cret' };
    await broker().ok('PUT', '/api/v1/data', { name: reference, type: 'json', value: credentials });
    expect((await asInstance(as)).status, 'before it is allowed').toBe(404);
    const permission = { path: reference, actor: server.app, operations: ['read'] };
    const { uuid } = await broker().ok('POST', '/api/v2/permissions', permission);
    expect((await asInstance(as)).response.json()).toEqual({
      'my-service': [{ credentials, label: 'my-service', plan: null }],
    });
    await broker().ok('DELETE', `/api/v2/permissions/${uuid}`);
    expect((await asInstance(as)).status, 'after it is taken back').toBe(404);
  });
});
