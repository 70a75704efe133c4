/** Every curl sample of the API document at level 1, run by a real curl as printed. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CurlAnswer, curlShell, noCurl } from './harness/curl.ts';
import { recordedFixtures } from './harness/golden.ts';
import { userClaims } from './harness/outside-uaa.ts';
import { type Sample, seed } from './harness/seed-document.ts';
import { startServer, type TestServer } from './harness/server.ts';

const pem = recordedFixtures('set-certificate');
const { ssh1_pub: sshKey } = recordedFixtures('set-ssh');
/** Whom the samples about permissions show as the owner. */
const OWNER = '106f52e2-5d01-4675-8d7a-c05ff9a2c081';

let server: TestServer;
let curl: (command: string) => Promise<CurlAnswer>;
let token: string;
let owner: { token: string };
beforeAll(async () => {
  server = await startServer({ level: 1 });
  curl = curlShell(server);
  const admin = server.actors.admin;
  token = admin !== undefined && 'token' in admin ? admin.token : '';
  owner = { token: server.uaa.token(userClaims(OWNER, 'owner')) };
});
afterAll(() => server?.stop());

type Json = Record<string, unknown>;
async function ok(method: string, path: string, body?: unknown): Promise<Json> {
  const answer = await server.sendRaw(method, path, body);
  if (answer.status > 299) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.text === '' ? {} : (answer.json() as Json);
}
function set(name: string, type: string, value: unknown): Promise<Json> {
  return ok('PUT', '/api/v1/data', { name, type, value, mode: 'overwrite' });
}
function generate(name: string, type: string, parameters: object): Promise<Json> {
  return ok('POST', '/api/v1/data', { name, type, parameters, mode: 'overwrite' });
}
function asOwner(method: string, path: string, body?: unknown) {
  return server.client.sendRaw({ method, path, ...(body === undefined ? {} : { body }), as: owner });
}

/** Each sample finds nothing but what it needs. */
beforeEach(async () => {
  const found = await ok('GET', '/api/v1/data?path=/');
  for (const { name } of found.credentials as { name: string }[]) await ok('DELETE', `/api/v1/data?name=${name}`);
});

const password = '6mRPZB3bAfb8lRpacnXsHfDhlPqFcjH2h9YDvLpL';
const certificateValue = { ca: pem.ca1, certificate: pem.leaf1, private_key: pem.leaf1_key };
const rsaValue = { public_key: pem.leaf1_pub, private_key: pem.leaf1_key };
async function twoPasswords(): Promise<Json> {
  await set('/example-password', 'password', '3t6Y2OFP0jQIcLnki1h7p3NtSfDx4l9bamr1ja6R');
  return set('/example-password', 'password', password);
}

/** What must be there before the sample under a heading, and the id that it speaks of. */
const PREPARE: Readonly<Record<string, () => Promise<unknown>>> = {
  'Authentication › Mutual TLS': () =>
    server.as('app')('PUT /api/v1/data', { body: { name: '/example-password', type: 'password', value: password } }),
  'Get Credentials › Get by ID': twoPasswords,
  'Get Credentials › Get by Name': twoPasswords,
  'Get Credentials › Type: Value': () => set('/example-value', 'value', 'sample'),
  'Get Credentials › Type: JSON': () =>
    set('/example-json', 'json', { key: 123, key_list: ['val1', 'val2'], is_true: true }),
  'Get Credentials › Type: Password': () => set('/example-password', 'password', password),
  'Get Credentials › Type: User': () => set('/example-user', 'user', { username: 'FQnwWoxgSrDuqDLmeLpU', password }),
  'Get Credentials › Type: Certificate': () => set('/example-certificate', 'certificate', certificateValue),
  'Get Credentials › Type: RSA': () => set('/example-rsa', 'rsa', rsaValue),
  'Get Credentials › Type: SSH': () => set('/example-ssh', 'ssh', { public_key: sshKey, private_key: pem.leaf1_key }),
  'Generate Credentials › Type: Certificate': () =>
    generate('/example-ca', 'certificate', { common_name: 'example ca', is_ca: true }),
  'Regenerate Credentials › Single Credential': () => generate('/example-password', 'password', { length: 40 }),
  'Regenerate Credentials › Certificate Signed By a CA': async () => {
    await generate('/example-ca', 'certificate', { common_name: 'example ca', is_ca: true });
    for (const n of [1, 2, 3]) {
      await generate(`/example-cert${n}`, 'certificate', { common_name: `cert ${n}`, ca: '/example-ca' });
    }
  },
  'Delete Credentials': twoPasswords,
  'Find Credentials › Find by Partial Name': async () => {
    for (const name of ['/test/example/password', '/password1', '/another']) await set(name, 'value', 'v');
  },
  'Find Credentials › Find by Path': async () => {
    const folder = '/director-name/deployment-name';
    for (const name of ['api-tls', 'user-password', 'db-password']) await set(`${folder}/${name}`, 'value', 'v');
    await set('/director-name/other/name', 'value', 'v');
  },
  'Find Credentials › Show All Paths': async () => {
    const names = ['/director-name/deploy1/a', '/director-name/deploy2/b', '/director2/c', '/top'];
    for (const name of names) await set(name, 'value', 'v');
  },
  'Permissions › Get Permissions': () =>
    asOwner('PUT', '/api/v1/data', { name: '/example-password', type: 'password', value: password }),
  'Permissions › Add Permissions': () =>
    asOwner('PUT', '/api/v1/data', { name: '/example-password', type: 'password', value: password }),
  'Permissions › Delete Permissions': async () => {
    const actor = 'uaa-user:f6b2f8f6-1654-4a5d-aba4-c4d024a43560';
    const additional_permissions = [{ actor, operations: ['read'] }];
    await ok('PUT', '/api/v1/data', {
      name: '/example-password',
      type: 'password',
      value: 'v',
      additional_permissions,
    });
  },
  'Interpolate Endpoint': () =>
    set('/config-server/credentials', 'json', {
      access_token_uri: 'https://p-spring-cloud-services.uaa.example.com/oauth/token',
      client_id: 'p-config-server-d6ed7b18-5ae8-4642-af0c-11b1a47aad14',
      client_secret: 'example-secret',
      uri: 'https://config-2ad9cb93-d16d-4840-93ef-15b537c90847.apps.example.com',
    }),
  'Encryption Key Usage': twoPasswords,
};

function inJson(text = ''): string {
  return JSON.stringify(text.trimEnd()).slice(1, -1);
}
function dots(label: string): string {
  return `-----BEGIN ${label}-----\\n...\\n-----END ${label}-----`;
}

/** The command with its placeholders filled in. PEM only where the server parses it: in a certificate. */
function filled(sample: Sample, id: unknown): string {
  let command = sample.command
    .replaceAll('[token]', sample.heading.startsWith('Permissions › Delete') ? token : tokenFor(sample))
    .replace('2993f622-cb1e-4e00-a267-4b23c273bf3d', String(id));
  if (sample.heading === 'Set Credentials › Type: Certificate') {
    command = command
      .replace(`"ca": "${dots('CERTIFICATE')}"`, `"ca": "${inJson(pem.ca1)}"`)
      .replace(dots('CERTIFICATE'), inJson(pem.leaf1))
      .replace(dots('RSA PRIVATE KEY'), inJson(pem.leaf1_key));
  }
  return command;
}
function tokenFor({ heading }: Sample): string {
  return heading.startsWith('Permissions') ? owner.token : token;
}
function withComma(command: string): string {
  return command.replace(/("type": "\w+")\n(\s*"parameters")/, '$1,\n$2');
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
}
function byName(list: readonly unknown[]): unknown[] {
  return list.toSorted((a, b) => String((a as Json)?.name).localeCompare(String((b as Json)?.name)));
}

/** Whether an answer has what the sample shows: its keys, their kinds, as many entries, the names and types. */
function expectShown(actual: unknown, printed: unknown, place = 'answer'): void {
  expect(kindOf(actual), place).toBe(kindOf(printed));
  if (Array.isArray(printed)) {
    const list = byName(actual as unknown[]);
    expect(list.length, `${place}: entries`).toBe(printed.length);
    for (const [index, entry] of byName(printed).entries()) expectShown(list[index], entry, `${place}[${index}]`);
    return;
  }
  if (typeof printed !== 'object' || printed === null) return;
  for (const [key, value] of Object.entries(printed)) {
    expect(Object.keys(actual as Json), place).toContain(key);
    const shown = (actual as Json)[key];
    expectShown(shown, value, `${place}.${key}`);
    const exact = ['name', 'type', 'credential_name', 'path', 'regenerated_credentials', 'permissions'];
    if (exact.includes(key)) expect(shown, `${place}.${key}`).toEqual(value);
  }
}

/** Samples whose answer is determined by the request: equal in every key that is shown. */
const WHOLE: readonly string[] = [
  'Get Credentials › Type: Value',
  'Get Credentials › Type: JSON',
  'Get Credentials › Type: Password',
  'Set Credentials › Type: Value',
  'Set Credentials › Type: JSON',
  'Interpolate Endpoint',
];
function timeless(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner) => (['id', 'version_created_at'].includes(key) ? '' : inner)));
}

/** The API document prints these four without the comma between `type` and `parameters`. */
const BROKEN = seed.samples.filter(({ command }) => withComma(command) !== command);

describe.skipIf(noCurl)('the samples of the API document at level 1', () => {
  for (const sample of seed.samples) {
    test(sample.heading, async () => {
      const prepared = (await PREPARE[sample.heading]?.()) as Json | undefined;
      const answer = await curl(withComma(filled(sample, prepared?.id)));
      if (sample.answer === '[Status 204 Empty]') return expect(answer).toEqual({ status: 204, text: '' });
      // The document shows no status; 201 for a permission added is that of every 1.x server but the oldest.
      expect(answer.status, answer.text).toBe(sample.heading === 'Permissions › Add Permissions' ? 201 : 200);
      const actual = JSON.parse(answer.text) as unknown;
      const printed = JSON.parse(sample.answer) as unknown;
      expectShown(actual, printed);
      if (WHOLE.includes(sample.heading)) expect(timeless(actual)).toMatchObject(timeless(printed) as object);
    });
  }

  test('four generate samples lack a comma; as printed they are no JSON: 400', async () => {
    expect(BROKEN.map(({ heading }) => heading)).toEqual(
      ['User', 'Certificate', 'RSA', 'SSH'].map((type) => `Generate Credentials › Type: ${type}`),
    );
    for (const sample of BROKEN) expect((await curl(filled(sample, ''))).status, sample.heading).toBe(400);
  });
});
