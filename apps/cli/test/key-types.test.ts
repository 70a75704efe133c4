import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeKey } from '@credplex/core';
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

  test.each([
    { form: 'YAML', exported: [], imported: [] },
    { form: 'JSON', exported: ['--output-json'], imported: ['-j'] },
  ])(
    'an export as $form of every type is imported, and is regenerated with its type',
    async ({ exported, imported }) => {
      for (const type of ['rsa', 'ecdsa-p256', 'ecdsa-p384', 'ed25519']) {
        const ca = `/moved/ca-${type}`;
        await cli.ok('generate', '-n', ca, '-t', 'certificate', '-c', 'ca', '--is-ca', '--key-type', type);
        await cli.ok('generate', '-n', `${ca}/leaf`, '-t', 'certificate', '-c', 'leaf', '--ca', ca, '--key-type', type);
        await cli.ok('generate', '-n', `${ca}/ssh`, '-t', 'ssh', '--key-type', type);
      }
      const read = async () => {
        const { Credentials: all } = JSON.parse(await cli.ok('export', '-p', '/moved', '--output-json')) as {
          Credentials: { Name: string; Value: Record<string, unknown> }[];
        };
        // An Ed25519 key that is set has no fingerprint (docs/reference/credhub-server.md#type-ssh).
        for (const { Name, Value } of all) if (Name.endsWith('ed25519/ssh')) delete Value.public_key_fingerprint;
        return all.sort((a, b) => a.Name.localeCompare(b.Name));
      };
      const before = await read();
      expect(before).toHaveLength(12);
      const file = join(cli.home, 'moved');
      await cli.ok('export', '-p', '/moved', '-f', file, ...exported);
      for (const { Name } of before) await cli.ok('delete', '-n', Name);
      expect(await cli.ok('import', '-f', file, ...imported)).toContain('Successfully set: 12\nFailed to set: 0\n');
      expect(await read()).toEqual(before);
      for (const type of ['rsa', 'ecdsa-p256', 'ecdsa-p384', 'ed25519']) {
        const leaf = `/moved/ca-${type}/leaf`;
        const key = async () => new X509Certificate(await cli.ok('get', '-n', leaf, '-k', 'certificate')).publicKey;
        const stored = await key();
        await cli.ok('regenerate', '-n', leaf);
        expect(describeKey(await key())).toEqual(describeKey(stored));
        const ca = new X509Certificate(await cli.ok('get', '-n', `/moved/ca-${type}`, '-k', 'certificate'));
        expect(new X509Certificate(await cli.ok('get', '-n', leaf, '-k', 'certificate')).verify(ca.publicKey)).toBe(
          true,
        );
      }
      await cli.ok('delete', '-p', '/moved');
    },
  );

  test('a key length beside another type than rsa, and an unknown type, are refused in the words of the server', async () => {
    const words = ['generate', '-n', '/x', '-t', 'ssh', '--key-type'];
    const withLength = await cli.run([...words, 'ed25519', '-k', '2048']);
    expect([withLength.exit, withLength.stderr]).toEqual([1, expect.stringContaining('key length is not supported')]);
    const unknown = await cli.run([...words, 'dsa']);
    expect([unknown.exit, unknown.stderr]).toEqual([1, expect.stringContaining('key type is not supported')]);
  });
});
