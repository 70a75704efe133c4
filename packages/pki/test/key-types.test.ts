/** Tests certificates with keys of every type: chains of mixed types, converge and regenerate. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createGenerator, revealValue, systemEntropy, type Version } from '@credplex/core';
import { createPki } from '@credplex/pki';
import { beforeAll, describe, expect, test } from 'vitest';
import { noOpenssl, openssl } from './openssl.ts';

const KEY_TYPES = ['rsa', 'ecdsa-p256', 'ecdsa-p384', 'ed25519'];
const LENGTHS: Readonly<Record<string, number>> = { rsa: 2048, 'ecdsa-p256': 256, 'ecdsa-p384': 384, ed25519: 256 };
const SIGNATURES: Readonly<Record<string, string>> = {
  rsa: 'sha256WithRSAEncryption',
  'ecdsa-p256': 'ecdsa-with-SHA256',
  'ecdsa-p384': 'ecdsa-with-SHA384',
  ed25519: 'ED25519',
};

const pki = createPki({ entropy: systemEntropy });
const generator = createGenerator({ pki });
function refusal(code: string) {
  return expect.objectContaining({ code });
}

function pem(version: Version): string {
  return version.plain.certificate?.certificate ?? '';
}

function keyOf(version: Version) {
  return pki.parse(pem(version)).key;
}

function generate(name: string, parameters: Record<string, unknown>, signedBy?: Version): Promise<Version> {
  return generator.generate({
    name,
    type: 'certificate',
    parameters: { common_name: name, ...parameters },
    ...(signedBy && { signedBy }),
  });
}

const roots = new Map<string, Version>();
beforeAll(async () => {
  for (const key_type of KEY_TYPES) {
    roots.set(key_type, await generate(`/${key_type}`, { is_ca: true, key_usage: ['key_cert_sign'], key_type }));
  }
});
function rootOf(type: string): Version {
  return roots.get(type) ?? expect.fail(type);
}

describe.each(KEY_TYPES)('a certificate with a key of type %s', (key_type) => {
  test('has such a key, and its private key beside it: PKCS#1 for RSA, PKCS#8 for every other type', () => {
    const { private_key } = revealValue(rootOf(key_type)) as { private_key: string };
    expect(keyOf(rootOf(key_type))).toEqual({ type: key_type, bits: LENGTHS[key_type] });
    expect(new X509Certificate(pem(rootOf(key_type))).checkPrivateKey(createPrivateKey(private_key))).toBe(true);
    expect(private_key.split('\n')[0]).toBe(`-----BEGIN ${key_type === 'rsa' ? 'RSA ' : ''}PRIVATE KEY-----`);
  });
  test.skipIf(noOpenssl)('signs certificates of every type, and theirs: openssl verifies the chains', async () => {
    const root = rootOf(key_type);
    for (const [i, below] of KEY_TYPES.entries()) {
      const intermediate = await generate(
        '/between',
        { is_ca: true, key_usage: ['key_cert_sign'], key_type: below },
        root,
      );
      const leafType = KEY_TYPES[(i + KEY_TYPES.indexOf(key_type)) % KEY_TYPES.length];
      const leaf = await generate('/leaf', { key_type: leafType }, intermediate);
      const files = { root: pem(root), between: pem(intermediate), leaf: pem(leaf) };
      const verified = openssl(
        files,
        'verify',
        '-x509_strict',
        '-CAfile',
        '{root}',
        '-untrusted',
        '{between}',
        '{leaf}',
      );
      expect(verified).toContain('OK');
      const shown = openssl(files, 'x509', '-in', '{between}', '-noout', '-text');
      expect(shown).toContain(`Signature Algorithm: ${SIGNATURES[key_type]}`);
    }
  });
  test('converges with a request that names its type or none, and with no other', async () => {
    const made = await generate('/c', { self_sign: true, key_type });
    const converges = (parameters: Record<string, unknown>) =>
      generator.converges(made, { parameters: { common_name: '/c', self_sign: true, ...parameters } });
    expect(KEY_TYPES.filter((type) => converges({ key_type: type }))).toEqual([key_type]);
    expect(converges({})).toBe(true);
    expect(converges({ key_length: 2048 })).toBe(key_type === 'rsa');
    expect(converges({ organization: 'other' })).toBe(false);
  });
  test('keeps the type when it is regenerated', async () => {
    const leaf = await generate('/leaf', { key_type }, rootOf('ed25519'));
    const next = await generator.regenerate(leaf, { signedBy: rootOf('ed25519'), duration: 30 });
    expect(keyOf(next)).toEqual(keyOf(leaf));
    expect(pki.parse(pem(next)).publicKey).not.toBe(pki.parse(pem(leaf)).publicKey);
  });
  test('takes a key length only when the type is rsa', async () => {
    const generated = generate('/c', { self_sign: true, key_type, key_length: 2048 });
    const regenerated = generator.regenerate(rootOf(key_type), { keyLength: 2048 });
    if (key_type === 'rsa') {
      expect([keyOf(await generated), keyOf(await regenerated)].map(({ bits }) => bits)).toEqual([2048, 2048]);
    } else {
      await expect(generated).rejects.toThrow(refusal('invalid_key_length'));
      await expect(regenerated).rejects.toThrow(refusal('invalid_key_length'));
    }
  });
});

test('a key type that is not known is refused before anything else about the key', async () => {
  await expect(generate('/c', { self_sign: true, key_type: 'x', key_length: 1 })).rejects.toThrow(
    refusal('invalid_key_type'),
  );
});
