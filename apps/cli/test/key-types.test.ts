import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliSession, logIn } from './support/cli-session.ts';
import { type Server, startServer } from './support/credplex-process.ts';

describe.each([1, 2] as const)('generate --key-type at level %i', (level) => {
  let server: Server;
  let cli: CliSession;
  beforeAll(async () => {
    server = await startServer(level);
    cli = await logIn(server);
    await cli.ok('generate', '-n', '/ca', '-t', 'certificate', '-c', 'ca', '--is-ca', '--key-type', 'ecdsa-p384');
  });
  afterAll(async () => {
    cli?.remove();
    await server?.stop();
  });

  test.each([
    ['rsa', 'rsa'],
    ['ecdsa-p256', 'ec'],
    ['ecdsa-p384', 'ec'],
    ['ed25519', 'ed25519'],
  ])('%s gives a certificate and an ssh key of that type, and regenerate keeps it', async (type, algorithm) => {
    const name = `/${type}`;
    const part = (key: string, of = name) => cli.ok('get', '-n', of, '-k', key);
    await cli.ok('generate', '-n', name, '-t', 'certificate', '-c', 'leaf', '--ca', '/ca', '--key-type', type);
    for (const turn of ['generated', 'regenerated']) {
      if (turn === 'regenerated') await cli.ok('regenerate', '-n', name);
      const certificate = new X509Certificate(await part('certificate'));
      expect(certificate.publicKey.asymmetricKeyType, turn).toBe(algorithm);
      expect(certificate.checkPrivateKey(createPrivateKey(await part('private_key')))).toBe(true);
      expect(certificate.verify(new X509Certificate(await part('ca')).publicKey)).toBe(true);
    }
    const ssh = `${name}/ssh`;
    await cli.ok('generate', '-n', ssh, '-t', 'ssh', '-m', 'a comment', '--key-type', type);
    const file = join(cli.home, `${type}.key`);
    writeFileSync(file, `${(await part('private_key', ssh)).trim()}\n`, { mode: 0o600 });
    const derived = execFileSync('ssh-keygen', ['-y', '-P', '', '-f', file], { encoding: 'utf8' });
    expect((await part('public_key', ssh)).split(' ').slice(0, 2)).toEqual(derived.trim().split(' ').slice(0, 2));
  });

  test('a key length beside another type than rsa, and an unknown type, are refused in the words of the server', async () => {
    const words = ['generate', '-n', '/x', '-t', 'ssh', '--key-type'];
    const withLength = await cli.run([...words, 'ed25519', '-k', '2048']);
    expect([withLength.exit, withLength.stderr]).toEqual([1, expect.stringContaining('key length is not supported')]);
    const unknown = await cli.run([...words, 'dsa']);
    expect([unknown.exit, unknown.stderr]).toEqual([1, expect.stringContaining('key type is not supported')]);
  });
});
