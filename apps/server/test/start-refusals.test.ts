import { spawnSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createCertificateAuthority, issueServerCertificate } from '@credplex/pki';
import { openDatabase } from '@credplex/storage';
import { createDatabase } from '@credplex/storage/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { credplex, newFolder, type Running, type RunOptions, settings, startCredplex } from './harness/credplex.ts';

const running: Running[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.end('SIGTERM');
});

/** One clear line on stderr, nothing else, exit status 1. */
async function refusal(options: RunOptions & { args?: readonly string[] }): Promise<string> {
  const end = await credplex(['serve', ...(options.args ?? [])], options);
  expect([end.status, end.signal]).toEqual([1, null]);
  expect(end.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(end.stderr).toMatch(/^credplex: /);
  expect(end.stdout).not.toContain('is ready at');
  return end.stderr;
}

describe('a start that cannot be says why in one line', () => {
  test('a port in use', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port } = holder.address() as AddressInfo;
    const env = settings(newFolder(), { CREDPLEX_LISTEN: `127.0.0.1:${port}` });
    expect(await refusal({ env })).toContain(`port ${port} is in use (127.0.0.1:${port})`);
    const management = settings(newFolder(), { CREDPLEX_MANAGEMENT_LISTEN: `127.0.0.1:${port}` });
    expect(await refusal({ env: management })).toContain(`port ${port} is in use`);
    await new Promise((resolve) => holder.close(resolve));
  });

  test.each(['22.23.3', '24.6.0'])('a Node without argon2 (%s)', (old) => {
    const script = `Object.defineProperty(process.versions, 'node', { value: '${old}' }); await import(process.argv[1]);`;
    const launcher = join(import.meta.dirname, '../bin/credplex.js');
    const end = spawnSync(process.execPath, ['--input-type=module', '-e', script, launcher], { encoding: 'utf8' });
    expect([end.status, end.stdout]).toEqual([1, '']);
    expect(end.stderr).toMatch(/^credplex needs Node.js 24.7 or newer; this is .*\n$/);
  });

  test('an address of another machine', async () => {
    expect(await refusal({ env: settings(newFolder(), { CREDPLEX_LISTEN: '192.0.2.1:28999' }) })).toContain(
      '192.0.2.1:28999 is no address of this machine',
    );
  });

  test('a data folder below a file, and one that may not be written', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'file'), '');
    expect(await refusal({ env: settings(join(folder, 'file', 'data')) })).toMatch(/data folder .* cannot be made/);
    expect(await refusal({ env: settings('/proc/credplex/data') })).toMatch(/data folder .* cannot be made/);

    const closed = join(folder, 'closed');
    mkdirSync(closed);
    chmodSync(closed, 0o555);
    chmodSync(folder, 0o755);
    // root may write anywhere.
    const uid = process.getuid?.() === 0 ? { uid: 65_534 } : {};
    expect(await refusal({ env: settings(closed), ...uid })).toMatch(
      /data folder .* cannot be written: permission denied/,
    );
  });

  test('a data folder of a newer version', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'format'), '99\n');
    expect(await refusal({ env: settings(folder) })).toContain('is of a newer version of Credplex (format 99');
  });

  test('a database of a newer version', async () => {
    const url = await createDatabase();
    const database = openDatabase(url);
    await database.slowQuery(
      `insert into schema_migration (number, file, checksum) values (9999, '9999_later.sql', 'x')`,
    );
    await database.close();
    const env = settings(newFolder(), { CREDPLEX_DATABASE_URL: url });
    expect(await refusal({ env })).toMatch(/newer release: it has migration 9999_later\.sql/);
  });

  test('a database that does not answer, without a word of its password', async () => {
    const env = settings(newFolder(), { CREDPLEX_DATABASE_URL: 'postgres://user:topsecret@127.0.0.1:20001/none' });
    const line = await refusal({ env });
    expect(line).not.toContain('topsecret');
    expect(line).toMatch(/database/);
  });

  test('a wrong encryption key', async () => {
    const url = await createDatabase();
    const env = { CREDPLEX_DATABASE_URL: url, CREDPLEX_ENCRYPTION_KEY: 'the right passphrase' };
    const first = await startCredplex({ env: settings(newFolder(), env) });
    await first.end('SIGTERM');
    const wrong = settings(newFolder(), { ...env, CREDPLEX_ENCRYPTION_KEY: 'another passphrase' });
    const line = await refusal({ env: wrong });
    expect(line).toMatch(/encryption key/);
    expect(line).not.toContain('another passphrase');
    expect(await refusal({ env: settings(newFolder(), { CREDPLEX_DATABASE_URL: url }) })).toMatch(
      /key that is not here/,
    );
  });

  test('another server on the same data folder, which goes on undisturbed', async () => {
    const folder = newFolder();
    const first = await startCredplex({ env: settings(folder) });
    running.push(first);
    expect(await refusal({ env: settings(folder) })).toContain('another credplex server is running');
    expect(first.process.exitCode).toBeNull();
    expect((await credplex(['user', 'list'], { env: settings(folder) })).stdout).toContain('admin');
  });

  test('TLS files that are missing or are none', async () => {
    const folder = newFolder();
    const missing = { CREDPLEX_TLS_CERTIFICATE: '/nowhere/a.pem', CREDPLEX_TLS_PRIVATE_KEY: '/nowhere/a.key' };
    const url = await createDatabase();
    const env = (more: Record<string, string>) => settings(newFolder(), { CREDPLEX_DATABASE_URL: url, ...more });
    expect(await refusal({ env: env({ ...missing, CREDPLEX_ENCRYPTION_KEY: 'k' }) })).toContain(
      'tls.certificate: /nowhere/a.pem cannot be read: it does not exist',
    );
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const now = new Date();
    const ca = await createCertificateAuthority({ commonName: 'x', days: 2, now });
    const { certificate, privateKey } = await issueServerCertificate({ ca, names: ['localhost'], days: 2, now });
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const locked = createPrivateKey(privateKey.reveal()).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    });
    const nothing = file('nothing.pem', 'nothing');
    const good = file('good.pem', certificate);
    const key = file('good.key', privateKey.reveal());
    const otherKind = file('other.key', rsa.export({ type: 'pkcs8', format: 'pem' }).toString());
    for (const [pem, pemKey, clientCa, said] of [
      [nothing, key, good, 'tls.certificate holds no certificate'],
      [good, nothing, good, 'tls.private_key holds no private key'],
      [good, file('locked.key', locked.toString()), good, 'tls.private_key holds no private key'],
      [good, otherKind, good, 'tls.private_key is not the key of the first certificate'],
      [good, key, key, 'tls.client_ca: '],
    ] as const) {
      const given = {
        CREDPLEX_TLS_CERTIFICATE: pem,
        CREDPLEX_TLS_PRIVATE_KEY: pemKey,
        CREDPLEX_TLS_CLIENT_CA: clientCa,
        CREDPLEX_ENCRYPTION_KEY: 'k',
      };
      expect(await refusal({ env: env(given) })).toContain(said);
    }
    for (const [name, setting] of [
      ['CREDPLEX_UAA_CA', 'auth.uaa.ca'],
      ['CREDPLEX_OPENBAO_CA', 'vault.openbao.ca'],
    ] as const) {
      const outside = {
        CREDPLEX_UAA_URL: 'https://uaa.example',
        CREDPLEX_VAULT: 'openbao',
        CREDPLEX_OPENBAO_ADDRESS: 'https://bao.example',
        CREDPLEX_OPENBAO_TOKEN: 'x',
        CREDPLEX_ENCRYPTION_KEY: 'k',
      };
      expect(await refusal({ env: env({ ...outside, [name]: key }) })).toContain(`${setting}: ${key} holds no cert`);
      expect(await refusal({ env: env({ ...outside, [name]: '/nowhere/ca' }) })).toContain(`${setting}: cannot read`);
    }
  });
});

describe('wrong settings are named', () => {
  const withFile = (text: string): readonly string[] => {
    const file = join(newFolder(), 'credplex.yml');
    writeFileSync(file, text);
    return ['--config', file];
  };

  test.each([
    ['levle: 2\n', 'levle: there is no such setting'],
    ['database:\n  uri: x\n', 'database.uri: there is no such setting'],
    ['level: 3\n', 'level: must be 1 or 2'],
    ['listen: nowhere\n', 'listen'],
    ['vault:\n  kind: openbao\n', 'vault.openbao.address: is needed'],
  ])('%j', async (text, said) => {
    const end = await credplex(['serve', ...withFile(text)]);
    expect(end.status).toBe(1);
    expect(end.stderr).toContain(said);
  });

  test('variables and files', async () => {
    expect(await refusal({ env: { CREDPLEX_LEVLE: '2' } })).toContain('CREDPLEX_LEVLE: there is no such variable');
    expect(await refusal({ env: { CREDPLEX_LEVEL: 'two' } })).toContain('CREDPLEX_LEVEL: must be 1 or 2');
    expect(await refusal({ args: ['--config', '/nowhere/credplex.yml'] })).toContain('/nowhere/credplex.yml');
    expect(await refusal({ args: withFile('a: [') })).toContain('is not YAML');
  });

  test('words that make no sense: status 2 and the usage', async () => {
    for (const args of [['serve', '--lvel'], ['serve', 'now'], ['user', 'add'], ['user', 'frob'], ['frob']]) {
      const end = await credplex(args);
      expect([args, end.status]).toEqual([args, 2]);
      expect(end.stderr).toMatch(/credplex/);
    }
  });
});
