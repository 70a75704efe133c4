import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type CliRun, runCli } from './replay/run-cli.ts';
import { type Server, startServer } from './support/credplex-process.ts';

/**
 * Every line of the API document's "CredHub CLI" samples, as printed, at level 1. Where its output differs from
 * today's command line (redacted values, `ca` for `root`, quoted times, the list of an import), today's counts:
 * docs/reference/divergences.md.
 */
interface Sample {
  /** Heading in the document. */
  readonly heading: string;
  readonly line: string;
  /** Lines that make what the sample supposes. */
  readonly before?: readonly string[];
  /** Fields of the printed document. */
  readonly shows?: Readonly<Record<string, unknown>>;
  readonly prints?: string;
  readonly stdin?: string;
}

const CERTIFICATE =
  "credhub set --type certificate --name '/example-certificate' --root ./root.pem --certificate ./cert.pem --private ./private.pem";
const RSA = "credhub set --type rsa --name '/example-rsa' --public ./public.pem --private ./private.pem";
const SSH = "credhub set --type ssh --name '/example-ssh' --public ./public.pem --private ./private.pem";
const VALUE = "credhub set --type value --name '/example-value' --password 'sample'";
const JSON_VALUE =
  'credhub set --type json --name \'/example-json\' --value \'{ "key": 123, "key_list": ["val1","val2"], "is_true": true }\'';
const PASSWORD =
  "credhub set --type password --name '/example-password' --password '3t6Y2OFP0jQIcLnki1h7p3NtSfDx4l9bamr1ja6R'";
const USER =
  "credhub set --type user --name '/example-user' --username 'FQnwWoxgSrDuqDLmeLpU' --password '6mRPZB3bAfb8lRpacnXsHfDhlPqFcjH2h9YDvLpL'";
const CA = 'credhub generate --type certificate --name /example-ca --common-name ca --is-ca --self-sign';
const REDACTED = '<redacted>';

const SAMPLES: readonly Sample[] = [
  {
    heading: 'UAA (oAuth2)',
    line: 'credhub login --server example.com',
    stdin: 'USER\nPASSWORD\n',
    prints: 'username: password: Setting the target url: URL\nLogin Successful\n',
  },
  {
    heading: 'Get by ID',
    line: 'credhub get --id 2993f622-cb1e-4e00-a267-4b23c273bf3d',
    before: [PASSWORD],
    shows: { name: '/example-password', type: 'password', value: '3t6Y2OFP0jQIcLnki1h7p3NtSfDx4l9bamr1ja6R' },
  },
  {
    heading: 'Get by Name',
    line: "credhub get --name '/example-password'",
    before: [PASSWORD],
    shows: { value: '3t6Y2OFP0jQIcLnki1h7p3NtSfDx4l9bamr1ja6R' },
  },
  {
    heading: 'Get, Type: Value',
    line: "credhub get --name '/example-value'",
    before: [VALUE],
    shows: { value: 'sample' },
  },
  {
    heading: 'Get, Type: JSON',
    line: "credhub get --name '/example-json'",
    before: [JSON_VALUE],
    shows: { value: { key: 123, key_list: ['val1', 'val2'], is_true: true } },
  },
  {
    heading: 'Get, Type: Password',
    line: "credhub get --name '/example-password'",
    before: [PASSWORD],
    shows: { type: 'password' },
  },
  {
    heading: 'Get, Type: User',
    line: "credhub get --name '/example-user'",
    before: [USER],
    shows: {
      value: {
        username: 'FQnwWoxgSrDuqDLmeLpU',
        password: '6mRPZB3bAfb8lRpacnXsHfDhlPqFcjH2h9YDvLpL',
        password_hash: expect.stringMatching(/^\$6\$/),
      },
    },
  },
  {
    heading: 'Get, Type: Certificate',
    line: "credhub get --name '/example-certificate'",
    before: [CERTIFICATE],
    shows: {
      type: 'certificate',
      value: { ca: expect.any(String), certificate: expect.any(String), private_key: expect.any(String) },
    },
  },
  {
    heading: 'Get, Type: RSA',
    line: "credhub get --name '/example-rsa'",
    before: [RSA],
    shows: { value: { public_key: expect.any(String), private_key: expect.any(String) } },
  },
  { heading: 'Get, Type: SSH', line: "credhub get --name '/example-ssh'", before: [SSH], shows: { type: 'ssh' } },
  { heading: 'Bulk Export', line: 'credhub export --file export.yml', before: [VALUE], prints: '' },
  { heading: 'Set, Type: Value', line: VALUE, shows: { name: '/example-value', type: 'value', value: REDACTED } },
  { heading: 'Set, Type: JSON', line: JSON_VALUE, shows: { type: 'json', value: REDACTED } },
  { heading: 'Set, Type: Password', line: PASSWORD, shows: { type: 'password', value: REDACTED } },
  { heading: 'Set, Type: User', line: USER, shows: { type: 'user', value: REDACTED } },
  { heading: 'Set, Type: Certificate', line: CERTIFICATE, shows: { type: 'certificate', value: REDACTED } },
  { heading: 'Set, Type: RSA', line: RSA, shows: { type: 'rsa', value: REDACTED } },
  { heading: 'Set, Type: SSH', line: SSH, shows: { type: 'ssh', value: REDACTED } },
  {
    heading: 'Bulk Import',
    line: 'credhub import --file import.yml',
    prints: 'Import complete.\nSuccessfully set: 3\nFailed to set: 0\n',
  },
  {
    heading: 'Generate, Type: Password',
    line: "credhub generate --type password --name '/example-password'",
    shows: { type: 'password' },
  },
  {
    heading: 'Generate, Type: User',
    line: "credhub generate --type user --name '/example-user'",
    shows: { type: 'user' },
  },
  {
    heading: 'Generate, Type: Certificate',
    line: "credhub generate --type certificate --name '/example-certificate' --common-name 'example.com' --ca '/example-ca'",
    before: [CA],
    shows: { type: 'certificate' },
  },
  { heading: 'Generate, Type: RSA', line: "credhub generate --type rsa --name '/example-rsa'", shows: { type: 'rsa' } },
  { heading: 'Generate, Type: SSH', line: "credhub generate --type ssh --name '/example-ssh'", shows: { type: 'ssh' } },
  {
    heading: 'Regenerate, Single Credential',
    line: "credhub regenerate --name '/example-password'",
    before: ["credhub generate --type password --name '/example-password'"],
    shows: { type: 'password', value: REDACTED },
  },
  {
    heading: 'Delete Credentials',
    line: "credhub delete --name '/example-password'",
    before: [PASSWORD],
    prints: 'Credential successfully deleted\n',
  },
  {
    heading: 'Find by Partial Name',
    line: "credhub find --name-like 'password'",
    before: ['credhub set -n /password1 -t value -v x', 'credhub set -n /test/example/password -t value -v x'],
    shows: { credentials: [{ name: '/test/example/password' }, { name: '/password1' }] },
  },
  {
    heading: 'Find by Path',
    line: "credhub find --path '/director-name/deployment-name'",
    before: [
      'credhub set -n /director-name/deployment-name/db-password -t value -v x',
      'credhub set -n /else -t value -v x',
    ],
    shows: { credentials: [{ name: '/director-name/deployment-name/db-password' }] },
  },
  {
    heading: 'Show All Paths',
    line: 'credhub find --all-paths',
    before: ['credhub set -n /director-name/deploy1/a -t value -v x', 'credhub set -n /director2/b -t value -v x'],
    shows: {
      paths: [{ path: '/' }, { path: '/director-name/' }, { path: '/director-name/deploy1/' }, { path: '/director2/' }],
    },
  },
];

const IMPORT_FILE = `credentials:
- name: /example-ssh
  type: ssh
  value:
    public_key: ssh-rsa AAAAB3NzaC1y...W9RWFM1
    private_key: |
      -----BEGIN RSA PRIVATE KEY-----
      ...
      -----END RSA PRIVATE KEY-----
- name: /example-password
  type: password
  value: SqFcE2c0AuRvet2YhrxdFbPtkBmjiq
- name: /example-value
  type: value
  value: sample
`;

describe('the samples of the API document, at level 1', () => {
  let server: Server;
  let home: string;

  const credhub = (line: string, stdin = ''): Promise<CliRun> =>
    runCli(wordsOf(line), { env: { HOME: home, CREDHUB_CA_CERT: server.ca }, cwd: home, stdin });
  const succeed = async (line: string, stdin?: string): Promise<string> => {
    const run = await credhub(line, stdin);
    expect(run).toMatchObject({ stderr: '', exit: 0 });
    return run.stdout;
  };

  beforeAll(async () => {
    server = await startServer(1);
    home = mkdtempSync(join(tmpdir(), 'credhub-seed-'));
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'import.yml'), IMPORT_FILE);
    for (const [name, source] of [
      ['root', 'crt'],
      ['cert', 'crt'],
      ['private', 'key'],
      ['public', 'pub'],
    ]) {
      writeFileSync(join(home, `${name}.pem`), readFileSync(new URL(`testdata/tls.${source}`, import.meta.url)));
    }
    await succeed(`credhub login -s ${server.url} -u ${server.user} -p ${server.password}`);
  });
  afterAll(async () => {
    rmSync(home, { recursive: true, force: true });
    await server?.stop();
  });
  beforeEach(async () => {
    await succeed('credhub delete -q -p /');
  });

  for (const sample of SAMPLES) {
    test(`${sample.heading}: ${sample.line}`, async () => {
      let id = '';
      for (const line of sample.before ?? []) id = String(parse(await succeed(line)).id);
      // What the document could not know: where the server is, who logs in, and which id there is.
      const here = (text: string): string =>
        text
          .replace('--server example.com', `--server ${server.url}`)
          .replace('2993f622-cb1e-4e00-a267-4b23c273bf3d', id)
          .replace('USER', server.user)
          .replace('PASSWORD', server.password)
          .replace('URL', server.url);
      const stdout = await succeed(here(sample.line), here(sample.stdin ?? ''));
      if (sample.prints !== undefined) expect(stdout).toBe(here(sample.prints));
      if (sample.shows !== undefined) expect(parse(stdout)).toMatchObject(sample.shows);
    });
  }

  test('Bulk Export: the file is what an import reads', async () => {
    await succeed(VALUE);
    await succeed('credhub export --file export.yml');
    expect(parse(readFileSync(join(home, 'export.yml'), 'utf8'))).toEqual({
      credentials: [{ name: '/example-value', type: 'value', value: 'sample' }],
    });
  });

  test('permissions and metadata work at level 1, where the original refuses by version', async () => {
    const set = await succeed(`credhub set -n /m -t value -v x --metadata '{"a":1}'`);
    expect(parse(set).metadata).toEqual({ a: 1 });
    const permission = await succeed('credhub set-permission -a uaa-client:x -p /m -o read');
    expect(parse(permission)).toMatchObject({ actor: 'uaa-client:x', operations: ['read'], path: '/m' });
    expect((await credhub('credhub --version')).stdout).toContain('Server Version: 1.9.0\n');
  });

  test('a set overwrites, because the command line says so to servers before 2.0', async () => {
    await succeed('credhub set -n /o -t value -v one');
    await succeed('credhub set -n /o -t value -v two');
    expect(await succeed('credhub get -n /o -q')).toBe('two\n');
  });
});

function wordsOf(line: string): readonly string[] {
  const words = line.match(/(?:'[^']*'|[^\s'])+/g) ?? [];
  return words.slice(1).map((word) => word.replace(/'([^']*)'/g, '$1'));
}
