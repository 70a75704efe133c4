import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { freshHome, type Ran, type RunOptions, run } from '../../test/support/plexctl-run.ts';
import { type PlexsphereStub, problem, startStub } from '../../test/support/plexsphere-stub.ts';

const cloud = '019a9b5e-8c1d-7a2b-9f00-1234567890ab';
const id = '019a9b60-0c1d-7a2b-9f00-1234567890ab';
const tokenId = '019a9b5d-0c1d-7a2b-9f00-1234567890ab';
const token = `psk_dev_${tokenId}_${'A'.repeat(43)}`;
const self = { principal_type: 'user', principal_scope: 'platform', subject: 'user:ada', amr: ['pwd', 'otp'] };
const credential = {
  id,
  cloud_id: cloud,
  display_name: 'Acme AWS provisioner secret',
  version: 1,
  status: 'active',
  expires_at: '2027-02-20T00:00:00Z',
  created_at: '2026-11-22T00:00:00Z',
  updated_at: '2026-11-22T00:00:00Z',
};
const secretJson = '{"aws_secret_access_key":"CANARY/7f3e+x"}\n';

let stub: PlexsphereStub;
let home: string;

beforeEach(async () => {
  stub = await startStub();
  home = freshHome();
  stub.answers.set('GET /v1/auth/whoami', { status: 200, body: self });
});
afterEach(() => stub[Symbol.asyncDispose]());

const config = (): string => join(home, '.config/plexctl/config.json');
const stored = (): { default: string; profiles: Record<string, Record<string, string>> } =>
  JSON.parse(readFileSync(config(), 'utf8'));

function file(name: string, content: string | Buffer, mode = 0o600): string {
  writeFileSync(join(home, name), content, { mode });
  return name;
}

const plexctl = (line: string | readonly string[], options: RunOptions = {}): Promise<Ran> =>
  run(typeof line === 'string' ? line.split(' ') : line, { home, ...options });

async function logIn(): Promise<void> {
  file('token', `${token}\n`);
  expect((await plexctl(`login --server ${stub.url} --token-file token`)).code).toBe(0);
  stub.seen.length = 0;
}

describe('login', () => {
  test('checks the token with whoami and stores server and token, readable by nobody else', async () => {
    file('token', `${token}\n`);
    const ran = await plexctl(`login --server ${stub.url}/ --token-file token`);
    expect(ran).toEqual({
      code: 0,
      stdout: 'PRINCIPAL  SUBJECT   DOMAIN  ACR  AMR\nuser       user:ada  -       -    pwd,otp\n',
      stderr: `Logged in to ${stub.url} as user:ada (profile 'default').\n`,
    });
    expect(stub.seen.map(({ method, url, headers }) => [method, url, headers.authorization])).toEqual([
      ['GET', '/v1/auth/whoami', `Bearer ${token}`],
    ]);
    expect(stored()).toEqual({ default: 'default', profiles: { default: { server: stub.url, token } } });
    expect(statSync(config()).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, '.config/plexctl')).mode & 0o777).toBe(0o700);
  });

  test('reads the token from stdin, and keeps the certificates of --ca-cert in the profile', async () => {
    const pem = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
    file('ca.pem', pem);
    const line = `login --server ${stub.url} --token-file - --ca-cert ca.pem --profile-name staging`;
    expect((await plexctl(line, { stdin: `${token}\n` })).code).toBe(0);
    expect(stored()).toEqual({ default: 'staging', profiles: { staging: { server: stub.url, token, ca_cert: pem } } });
  });

  test('a refused token is not stored', async () => {
    stub.answers.set('GET /v1/auth/whoami', problem(401, 'unauthenticated', 'The token is not valid.'));
    file('token', token);
    const ran = await plexctl(`login --server ${stub.url} --token-file token`);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain('unauthenticated: The token is not valid.');
    expect(() => stored()).toThrow('ENOENT');
  });

  test('the first profile is the default and stays it', async () => {
    await logIn();
    expect((await plexctl(`login --server ${stub.url} --token-file token --profile-name other`)).code).toBe(0);
    expect(stored().default).toBe('default');
    expect(Object.keys(stored().profiles)).toEqual(['default', 'other']);
  });

  test.each([
    ['login --token-file t', 'No server is known'],
    ['login --server https://x.example', '--token-file FILE is required'],
    ['login --server ftp://x.example --token-file t', 'The server must be a URL'],
    ['login --server https://u:p@x.example --token-file t', 'The server must be a URL'],
    [
      'login --server https://x.example --token-file missing',
      "The file 'missing' with the token can't be read (ENOENT)",
    ],
    ['login --server https://x.example --token-file empty', 'The token is empty'],
    ['login --server https://x.example --token-file odd', 'characters that no token has'],
    ['login --server https://x.example --token-file t --profile-name ../x', 'A profile name has'],
    ['login --server https://x.example --token-file t --ca-cert t', 'no PEM certificate'],
  ])('%s: exit 2', async (line, message) => {
    file('t', token);
    file('empty', ' \n');
    file('odd', 'a\r\nX-Header: b');
    const ran = await plexctl(line);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(message);
    expect(ran.stderr).not.toContain(token);
  });

  test('a token file that others may read is told about', async () => {
    file('token', token, 0o644);
    expect((await plexctl(`login --server ${stub.url} --token-file token`)).stderr).toContain(
      "other users may read 'token'",
    );
  });
});

describe('whom a command talks to, and as whom', () => {
  test('flag before environment before profile', async () => {
    await logIn();
    file('flag-token', 'from-flag');
    const env = { PLEXSPHERE_URL: stub.url, PLEXSPHERE_TOKEN: 'from-env' };
    await plexctl('whoami');
    await plexctl('whoami', { env });
    await plexctl('whoami --token-file flag-token', { env: { ...env, PLEXSPHERE_URL: 'https://nowhere.invalid' } });
    await plexctl(`--server ${stub.url} whoami --token-file flag-token`, {
      env: { PLEXSPHERE_URL: 'https://nowhere.invalid' },
    });
    expect(stub.seen.map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${token}`,
      'Bearer from-env',
      'Bearer from-flag',
    ]);
  });

  test('a stored token is never sent to another server', async () => {
    await logIn();
    const other = await startStub();
    const ran = await plexctl(`whoami --server ${other.url}`);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain(`The stored login is for ${stub.url}.`);
    expect(other.seen).toEqual([]);
    await other[Symbol.asyncDispose]();
  });

  test('without a login: exit 3; with a profile that does not exist: exit 2', async () => {
    expect(await plexctl(`whoami --server ${stub.url}`)).toMatchObject({ code: 3, stdout: '' });
    expect(await plexctl('whoami --profile nope')).toMatchObject({ code: 2 });
  });

  test('a damaged configuration is named, not overwritten', async () => {
    mkdirSync(join(home, '.config/plexctl'), { recursive: true });
    writeFileSync(config(), '{"profiles":{"default":{"token":"t"}}}');
    const ran = await plexctl('whoami');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain(`The configuration ${config()} is damaged.`);
  });

  test('a server that does not answer, or not with JSON: exit 1', async () => {
    await logIn();
    stub.answers.set('GET /v1/auth/whoami', { status: 200, raw: '<html>' });
    expect((await plexctl('whoami')).code).toBe(1);
    const gone = await plexctl('whoami --server http://127.0.0.1:1', { env: { PLEXSPHERE_TOKEN: 't' } });
    expect(gone.code).toBe(1);
    expect(gone.stderr).toContain('connection refused');
  });
});

describe('logout', () => {
  test.each([204, 401, 404])(
    'revokes the stored token and forgets the profile, also when it is gone already (%i)',
    async (status) => {
      await logIn();
      stub.answers.set(`DELETE /v1/auth/tokens/${tokenId}`, status === 204 ? { status } : problem(status, 'x', 'y'));
      const env = { PLEXSPHERE_TOKEN: 'other', PLEXSPHERE_URL: 'https://nowhere.invalid' };
      expect((await plexctl('logout', { env })).code).toBe(0);
      expect(stub.seen.map(({ method, url, headers }) => [method, url, headers.authorization])).toEqual([
        ['DELETE', `/v1/auth/tokens/${tokenId}`, `Bearer ${token}`],
      ]);
      expect(stored()).toEqual({ default: '', profiles: {} });
    },
  );

  test('keeps the profile when the server fails', async () => {
    await logIn();
    stub.answers.set(`DELETE /v1/auth/tokens/${tokenId}`, problem(503, 'datastore_unavailable', 'Later.'));
    expect((await plexctl('logout')).code).toBe(1);
    expect(stored().profiles).toHaveProperty('default');
  });

  test('without a login: a note and exit 0', async () => {
    expect(await plexctl('logout')).toEqual({ code: 0, stdout: '', stderr: 'There is no login to end.\n' });
  });
});

describe('cloud', () => {
  const created = {
    id: cloud,
    slug: 'acme',
    display_name: 'Acme',
    provider: 'aws',
    endpoint: { zone: 'b', region: 'a', big: 12345678 },
    region_defaults: {},
    external_id: '1',
    created_at: 'c',
    updated_at: 'u',
  };

  test('create sends all six fields', async () => {
    await logIn();
    stub.answers.set('POST /v1/clouds', { status: 201, body: created });
    const ran = await plexctl([
      ...'cloud create --slug acme --provider aws --external-id 1 --region-defaults {} --display-name'.split(' '),
      'Acme',
      '--endpoint',
      '{"region":"a"}',
    ]);
    expect(ran.code).toBe(0);
    expect(JSON.parse(stub.seen[0]?.body ?? '')).toEqual({
      display_name: 'Acme',
      slug: 'acme',
      provider: 'aws',
      endpoint: { region: 'a' },
      region_defaults: {},
      external_id: '1',
    });
    expect(ran.stdout).toBe(
      `ID                                    SLUG  DISPLAY_NAME  PROVIDER  EXTERNAL_ID  CREATED_AT  UPDATED_AT\n${cloud}  acme  Acme          aws       1            c           u\n`,
    );
  });

  test.each([
    ['--endpoint nope --provider aws', '--endpoint must be a JSON object'],
    ['--endpoint [] --provider aws', '--endpoint must be a JSON object'],
    ['--endpoint {} --provider gcp', '--provider must be one of aws, azure'],
    ['--provider aws', '--endpoint is required'],
  ])('create with %s: exit 2', async (flags, message) => {
    await logIn();
    const ran = await plexctl(`cloud create --slug a --display-name a --external-id 1 --region-defaults {} ${flags}`);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(message);
    expect(stub.seen).toEqual([]);
  });

  test('json and yaml are the object of the server, in its order', async () => {
    await logIn();
    stub.answers.set(`GET /v1/clouds/${cloud}`, { status: 200, body: created });
    const json = await plexctl(`cloud get ${cloud.toUpperCase()} --output json`);
    expect(json.stdout).toBe(`${JSON.stringify(created, undefined, 2)}\n`);
    const yaml = await plexctl(`cloud get ${cloud} --output yaml`);
    expect(parse(yaml.stdout)).toEqual(created);
    expect(yaml.stdout).toContain('endpoint:\n    zone: b\n    region: a\n    big: 12345678\n');
  });

  test('list shows one page and how to go on; --all follows all pages', async () => {
    await logIn();
    stub.answers.set('GET /v1/clouds?limit=1', { status: 200, body: { items: [created], next_cursor: 'N/1=' } });
    stub.answers.set('GET /v1/clouds?limit=200', { status: 200, body: { items: [created], next_cursor: 'N/1=' } });
    stub.answers.set('GET /v1/clouds?limit=200&cursor=N%2F1%3D', {
      status: 200,
      body: { items: [], next_cursor: '2' },
    });
    stub.answers.set('GET /v1/clouds?limit=200&cursor=2', {
      status: 200,
      body: { items: [{ ...created, slug: 'last' }] },
    });
    const page = await plexctl('cloud list --limit 1');
    expect(page.stdout.split('\n')).toHaveLength(3);
    expect(page.stderr).toContain('--cursor N/1=');
    const all = await plexctl('cloud list --all --output json');
    expect(JSON.parse(all.stdout)).toEqual({ items: [created, { ...created, slug: 'last' }] });
    expect(all.stderr).toBe('');
  });

  test('--all and --cursor exclude each other: exit 2', async () => {
    await logIn();
    expect((await plexctl('cloud list --all --cursor x')).code).toBe(2);
  });
});

describe('cloud credential create', () => {
  const path = `/v1/clouds/${cloud}/cloud-credentials`;
  const create = (...more: string[]): string[] => [
    'cloud',
    'credential',
    'create',
    '--cloud-id',
    cloud,
    '--display-name',
    'A b',
    ...more,
  ];

  beforeEach(async () => {
    await logIn();
    stub.answers.set(`POST ${path}`, { status: 201, body: credential });
  });

  test('sends the bytes of the file, and each key-value split at the first =', async () => {
    file('aws.json', secretJson);
    const ran = await plexctl(
      create(
        '--payload-file',
        './aws.json',
        '--key-value',
        'role_arn=arn:aws:iam::1:role/a=b',
        '--key-value',
        'empty=',
      ),
    );
    expect(ran.code).toBe(0);
    expect(JSON.parse(stub.seen[0]?.body ?? '')).toEqual({
      display_name: 'A b',
      payload: Buffer.from(secretJson).toString('base64'),
      key_values: { empty: '', role_arn: 'arn:aws:iam::1:role/a=b' },
    });
    expect(stub.seen[0]?.headers['content-type']).toBe('application/json');
  });

  test('shows the metadata only', async () => {
    file('aws.json', secretJson);
    const ran = await plexctl(create('--payload-file', 'aws.json', '--key-value', 'role=CANARY-kv'));
    expect(ran.stdout).toMatch(/^ID .*CLOUD_ID .*DISPLAY_NAME .*VERSION {2}STATUS .*EXPIRES_AT/);
    expect(ran.stdout).toContain('Acme AWS provisioner secret  1        active');
    expect(ran.stdout + ran.stderr).not.toMatch(/CANARY|Q0FOQVJZ/);
  });

  test.each([
    ['without a line break', Buffer.from('abc')],
    ['with one', Buffer.from('abc\n')],
    ['binary', Buffer.from([0, 255, 13, 10, 128])],
  ])('sends stdin byte for byte: %s', async (_, stdin) => {
    expect((await plexctl(create('--payload-file', '-'), { stdin })).code).toBe(0);
    const body: { payload: string; key_values?: unknown } = JSON.parse(stub.seen[0]?.body ?? '');
    expect(Buffer.from(body.payload, 'base64')).toEqual(stdin);
    expect(body).not.toHaveProperty('key_values');
  });

  test('an empty payload is for the server to refuse, and its code is shown', async () => {
    stub.answers.set(`POST ${path}`, problem(400, 'invalid_payload', 'The payload is empty.'));
    const ran = await plexctl(create('--payload-file', '-'), { stdin: '' });
    expect(JSON.parse(stub.seen[0]?.body ?? '')).toEqual({ display_name: 'A b', payload: '' });
    expect(ran).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error: invalid_payload: The payload is empty. (HTTP 400, correlation id corr-1)\n',
    });
  });

  test.each([
    [400, 'invalid_display_name', 1],
    [401, 'unauthenticated', 3],
    [403, 'permission_denied', 77],
    [403, 'rebac_denied', 77],
    [404, 'cloud_not_found', 4],
    [409, 'conflict', 5],
    [413, 'request_body_too_large', 1],
    [500, 'internal', 1],
    [503, 'openbao_unavailable', 1],
  ])('HTTP %i %s: exit %i', async (status, code, expected) => {
    stub.answers.set(`POST ${path}`, problem(status, code, 'Detail.'));
    const ran = await plexctl(create('--payload-file', '-'), { stdin: 'x' });
    expect(ran.code).toBe(expected);
    expect(ran.stderr).toContain(`Error: ${code}: Detail.`);
    expect(ran.stdout).toBe('');
  });

  test('413 advises to reference a large secret, whatever the body of the answer', async () => {
    for (const answer of [problem(413, 'request_body_too_large', 'Too large.'), { status: 413, raw: '<html>CANARY' }]) {
      stub.answers.set(`POST ${path}`, answer);
      const ran = await plexctl(create('--payload-file', '-'), { stdin: 'x'.repeat(9000) });
      expect(ran.stderr).toMatch(/request_body_too_large: .*issue a credential that references it/);
      expect(ran.stderr).not.toContain('CANARY');
    }
  });

  test('a refusal cannot write to the terminal', async () => {
    stub.answers.set(`POST ${path}`, problem(400, 'invalid_body', 'a\u001b[2Jb'));
    expect((await plexctl(create('--payload-file', '-'), { stdin: 'x' })).stderr).toContain('a\\u001b[2Jb');
  });

  test.each([
    [['--payload-file', 'missing'], "The file 'missing' with the payload can't be read"],
    [['--payload-file', '-', '--key-value', 'CANARY'], 'must be KEY=VALUE'],
    [['--payload-file', '-', '--key-value', '=CANARY'], 'must be KEY=VALUE'],
    [['--payload-file', '-', '--key-value', 'a=CANARY', '--key-value', 'a=2'], 'once only'],
    [['--payload-file', '-', '--key-value', 'a=1', 'b=CANARY'], 'more words than the command takes'],
    [['--payload-file', '-', '--payload=CANARY'], 'no flag --payload'],
    [['--payload-file', '-', '--payload', 'CANARY'], 'no flag --payload'],
    [['--payload-file', '-', '--cloud-id', 'CANARY'], 'only be specified once'],
    [[], '--payload-file is required'],
  ])('%j: exit 2, nothing sent, and nothing that may be secret is repeated', async (more, message) => {
    const ran = await plexctl(create(...more));
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(message);
    expect(ran.stderr).not.toContain('CANARY');
    expect(stub.seen).toEqual([]);
  });
});

describe('cloud credential get, list, revoke', () => {
  test('get and list', async () => {
    await logIn();
    stub.answers.set(`GET /v1/cloud-credentials/${id}`, { status: 200, body: credential });
    expect((await plexctl(`cloud credential get ${id}`)).stdout).toContain('Acme AWS provisioner secret');
    const list = `/v1/clouds/${cloud}/cloud-credentials`;
    stub.answers.set(`GET ${list}?limit=200`, { status: 200, body: { items: [credential], next_cursor: 'c' } });
    stub.answers.set(`GET ${list}?limit=200&cursor=c`, {
      status: 200,
      body: { items: [{ ...credential, id: cloud }] },
    });
    const all = await plexctl(`cloud credential list --cloud-id ${cloud}`);
    expect(all.stdout.trim().split('\n')).toHaveLength(3);
    stub.answers.set(`GET ${list}?limit=1&cursor=c`, { status: 200, body: { items: [credential], next_cursor: 'd' } });
    const page = await plexctl(`cloud credential list --cloud-id ${cloud} --limit 1 --cursor c --output yaml`);
    expect(parse(page.stdout)).toEqual({ items: [credential], next_cursor: 'd' });
  });

  test('an empty list is a heading', async () => {
    await logIn();
    stub.answers.set(`GET /v1/clouds/${cloud}/cloud-credentials?limit=200`, { status: 200, body: { items: [] } });
    expect((await plexctl(`cloud credential list --cloud-id ${cloud}`)).stdout).toMatch(/^ID {2}CLOUD_ID .*\n$/);
  });

  test('revoke needs --yes and a reason', async () => {
    await logIn();
    const without = await plexctl(`cloud credential revoke ${id} --reason leaked`);
    expect(without).toMatchObject({ code: 2, stdout: '' });
    expect(without.stderr).toContain('--yes');
    expect((await plexctl(`cloud credential revoke ${id} --yes`)).code).toBe(2);
    expect(stub.seen).toEqual([]);
    stub.answers.set(`POST /v1/cloud-credentials/${id}/revoke`, {
      status: 200,
      body: { ...credential, status: 'revoked' },
    });
    const ran = await plexctl(`--yes cloud credential revoke ${id} --reason leaked`);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('revoked');
    expect(JSON.parse(stub.seen[0]?.body ?? '')).toEqual({ reason: 'leaked' });
  });

  test.each([
    'get nope',
    'get 00000000-0000-0000-0000-000000000000',
    'revoke nope --yes --reason x',
    'list --cloud-id nope',
  ])('%s: exit 2 before any request', async (line) => {
    await logIn();
    expect((await plexctl(`cloud credential ${line}`)).code).toBe(2);
    expect(stub.seen).toEqual([]);
  });
});

describe('rebac check', () => {
  const line = `rebac check --subject user:ada --relation manage --resource cloud:${cloud}`;

  test('allowed: exit 0', async () => {
    await logIn();
    const body = { decision: 'allowed', relation_path: ['cloud#cloud_admin'], correlation_id: 'c-1' };
    stub.answers.set('POST /v1/authz/check', { status: 200, body });
    const ran = await plexctl([...line.split(' '), '--caveat-context', '{"ip":"10.0.0.1"}', '--output', 'json']);
    expect(ran).toEqual({ code: 0, stdout: `${JSON.stringify(body, undefined, 2)}\n`, stderr: '' });
    expect(JSON.parse(stub.seen[0]?.body ?? '')).toEqual({
      subject: 'user:ada',
      relation: 'manage',
      resource: `cloud:${cloud}`,
      caveat_context: { ip: '10.0.0.1' },
    });
  });

  test('denied: exit 77, reason and correlation id on stderr', async () => {
    await logIn();
    const body = { decision: 'denied', reason: 'out_of_scope', correlation_id: 'c-2' };
    stub.answers.set('POST /v1/authz/check', { status: 200, body });
    const ran = await plexctl(line);
    expect(ran.code).toBe(77);
    expect(ran.stderr).toBe('Error: denied: out_of_scope (correlation id c-2)\n');
  });
});

describe('the line', () => {
  test.each([
    [['nope'], 'There is no such command.'],
    [['cloud', 'nope'], "There is no such command under 'cloud'."],
    [['whoami', '--nope'], 'no flag --nope'],
    [['whoami', 'x'], 'more words'],
    [['whoami', '--output', 'xml'], '--output must be one of text, json, yaml'],
    [['whoami', '--server'], '--server expects a value'],
    [['cloud', 'list', '--limit', '0'], '--limit must be an integer greater than or equal to 1'],
    [['cloud', 'list', '--limit', 'x'], '--limit must be an integer'],
    [['cloud', 'get'], 'ID is required'],
    [['completion', 'tcsh'], 'The shell must be one of bash, fish, zsh'],
  ])('%j: exit 2', async (argv, message) => {
    const ran = await plexctl(argv);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(message);
  });

  test('--version is one line of three facts', async () => {
    const ran = await plexctl(['--version']);
    expect(ran.stdout).toMatch(/^version=\d+\.\d+\.\d+\S* commit=\S+ date=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n$/);
  });

  test('--reveal-secrets says so on stderr', async () => {
    await logIn();
    expect((await plexctl('whoami --reveal-secrets')).stderr).toMatch(/^Warning: .*\n$/);
  });

  test.each(['bash', 'fish', 'zsh'])('completion %s names every command', async (shell) => {
    const ran = await plexctl(['completion', shell]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain(`# ${shell} completion for plexctl\n`);
    for (const word of ['whoami', 'credential', 'revoke', 'rebac']) expect(ran.stdout).toContain(word);
  });
});
