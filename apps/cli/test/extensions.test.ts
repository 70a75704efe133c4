/**
 * What docs/contribute/architecture.md says about extensions: each is one file and one line. The repository is copied, extended by
 * exactly that, checked, and the real server and command line use what was added.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Server, startServer } from './support/credplex-process.ts';
import { copyRepository, type RepositoryCopy, type TableLine } from './support/repository-copy.ts';
import { ACCESS_KEY_ID, type SecretsManagerStub, startSecretsManagerStub } from './support/secrets-manager-stub.ts';

function template(name: string): string {
  return readFileSync(join(import.meta.dirname, 'testdata/extensions', `${name}.txt`), 'utf8');
}

interface Extension {
  readonly what: string;
  readonly file: string;
  readonly line: TableLine;
}

const EXTENSIONS: readonly Extension[] = [
  {
    what: 'a credential type',
    file: 'packages/core/src/types/totp.ts',
    line: {
      table: 'packages/core/src/types/table.ts',
      before: "export { userType } from './user.ts';",
      line: "export { totpType } from './totp.ts';",
    },
  },
  {
    what: 'a key algorithm',
    file: 'packages/core/src/key-algorithms/ed448.ts',
    line: {
      table: 'packages/core/src/key-algorithms/table.ts',
      before: "export { rsa } from './rsa.ts';",
      line: "export { ed448 } from './ed448.ts';",
    },
  },
  {
    what: 'a command',
    file: 'apps/cli/src/credhub/commands/count.ts',
    line: {
      table: 'apps/cli/src/credhub/commands.ts',
      before: "  curl: () => import('./commands/curl.ts'),",
      line: "  count: () => import('./commands/count.ts'),",
    },
  },
  {
    what: 'a vault',
    file: 'packages/storage/src/vault/aws-secrets-manager.ts',
    line: {
      table: 'packages/storage/src/vault/table.ts',
      before: "export { openbao } from './openbao.ts';",
      line: "export { awsSecretsManager } from './aws-secrets-manager.ts';",
    },
  },
];

let copy: RepositoryCopy;
let stub: SecretsManagerStub;
let server: Server;
let home: string;

const SERVER = 'apps/server/bin/credplex.js';
function vaultVariables() {
  return {
    CREDPLEX_VAULT: 'aws-secrets-manager',
    CREDPLEX_AWS_SECRETS_MANAGER_ENDPOINT: stub.url,
    CREDPLEX_AWS_SECRETS_MANAGER_ACCESS_KEY_ID: ACCESS_KEY_ID,
    CREDPLEX_AWS_SECRETS_MANAGER_SECRET_ACCESS_KEY: 'secret',
  };
}

function credhub(...words: readonly string[]) {
  return copy.run('apps/cli/bin/credhub.js', words, { HOME: home });
}

async function ok(...words: readonly string[]): Promise<string> {
  const { stdout, stderr, exit } = await credhub(...words);
  expect([stderr, exit], words.join(' ')).toEqual(['', 0]);
  return stdout.trim();
}

beforeAll(async () => {
  stub = await startSecretsManagerStub();
  copy = copyRepository();
  home = mkdtempSync(join(tmpdir(), 'credplex-extended-'));
});
afterAll(async () => {
  await server?.stop();
  await stub?.close();
  copy?.remove();
  rmSync(home, { recursive: true, force: true });
});

test.each(EXTENSIONS)('$what is one new file and one changed line', ({ file, line }) => {
  const content = template(file.split('/').at(-1) ?? '');
  const changes = copy.extend({ file, content }, line);
  expect(changes.sort((a, b) => Number(b.isNew) - Number(a.isNew))).toEqual([
    { file, added: content.trimEnd().split('\n').length, removed: 0, isNew: true },
    { file: line.table, added: 1, removed: 0, isNew: false },
  ]);
});

describe('the extended copy', () => {
  test('passes the type check', () => copy.checkTypes(), 240_000);

  test('starts, and its command line logs in', async () => {
    const launcher = join(copy.folder, SERVER);
    server = await startServer(2, { launcher, env: vaultVariables() });
    await ok('login', '-s', server.url, '--ca-cert', server.ca, '-u', server.user, '-p', server.password);
  }, 120_000);

  test('sets, generates, regenerates, exports and documents the new type', async () => {
    await ok('set', '-n', '/x/set', '-t', 'totp', '--seed', 'JBSWY3DPEHPK3PXP');
    expect(await ok('get', '-n', '/x/set', '-k', 'seed')).toBe('JBSWY3DPEHPK3PXP');
    await ok('generate', '-n', '/x/made', '-t', 'totp', '--seed-length', '40');
    expect(await ok('get', '-n', '/x/made', '-k', 'seed')).toMatch(/^[A-Z2-7]{40}$/);
    await ok('regenerate', '-n', '/x/made');
    expect(await ok('get', '-n', '/x/made', '-k', 'seed')).toMatch(/^[A-Z2-7]{32}$/);
    expect(await ok('export', '-p', '/x')).toContain('type: totp');
    for (const command of ['set', 'generate']) {
      expect((await credhub(command, '--help')).stderr).toMatch(/'rsa' or\s+'totp'/);
    }
    const refused = await credhub('set', '-n', '/x/other', '-t', 'other', '-v', 'x');
    expect(refused.stderr).toContain("'rsa' and 'totp'");
    expect(await openApi()).toContain('"const":"totp"');
  });

  test('generates certificates with the new algorithm, and signs with them', async () => {
    const words = ['-t', 'certificate', '--key-type', 'ed448'];
    await ok('generate', '-n', '/k/ca', ...words, '-c', 'ca', '--is-ca');
    await ok('generate', '-n', '/k/leaf', ...words, '-c', 'leaf', '--ca', '/k/ca');
    await ok('regenerate', '-n', '/k/leaf');
    const part = (name: string, key: string) => ok('get', '-n', name, '-k', key);
    const leaf = new X509Certificate(await part('/k/leaf', 'certificate'));
    expect(leaf.publicKey.asymmetricKeyType).toBe('ed448');
    expect(leaf.verify(new X509Certificate(await part('/k/ca', 'certificate')).publicKey)).toBe(true);
    expect(leaf.checkPrivateKey(createPrivateKey(await part('/k/leaf', 'private_key')))).toBe(true);
    const ssh = await credhub('generate', '-n', '/k/ssh', '-t', 'ssh', '--key-type', 'ed448');
    expect([ssh.exit, ssh.stderr]).toEqual([1, expect.stringContaining("'ecdsa-p384' and 'ed25519'")]);
  });

  test('keeps every value in the new vault, deletes it there, and its operators see it', async () => {
    const isStored = (text: string): boolean => [...stub.secrets.values()].some((stored) => stored.includes(text));
    await ok('set', '-n', '/v/secret', '-t', 'value', '-v', 'kept in the vault');
    expect(isStored('kept in the vault')).toBe(true);
    expect(await ok('get', '-n', '/v/secret', '-q')).toBe('kept in the vault');
    const variables = { CREDPLEX_DATA_DIR: server.dataDir ?? '', HOME: home, ...vaultVariables() };
    const keys = await copy.run(SERVER, ['keys', 'list'], variables);
    expect(keys.stdout).toMatch(/aws-secrets-manager:credplex +vault/);
    const findings = await copy.run(SERVER, ['doctor'], variables);
    expect(findings.stdout).toMatch(/^ok +vault +aws-secrets-manager$/m);
    await ok('delete', '-n', '/v/secret');
    await expect.poll(() => isStored('kept in the vault')).toBe(false);
  });

  test('runs the new command and lists it in the help', async () => {
    expect(await ok('count', '-p', '/x')).toBe('count: 2');
    expect((await credhub('--help')).stderr).toMatch(/^ {2}count +Count credentials$/m);
  });
});

/** The document without white space. */
function openApi(): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { ca: readFileSync(server.ca) };
    request(`${server.url}/openapi.json`, options, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => {
        text += part.toString();
      });
      response.on('end', () => resolve(text.replace(/\s/g, '')));
    })
      .once('error', reject)
      .end();
  });
}
