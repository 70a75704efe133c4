import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { type PkiErrorCode, Secret } from '@credplex/core';
import { describe, expect, test } from 'vitest';
import { fixture } from '../test/recorded.ts';
import { issue } from './issue.ts';
import { privateKeyMatches, publicKeyLength } from './private-key.ts';

const leaf = fixture('leaf1');
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pkcs8Encrypted = generateKeyPairSync('rsa', {
  modulusLength: 1024,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' },
});

describe('a private key is told to fit its certificate', () => {
  test.each([
    ['PKCS#1', 'leaf1_key', 'leaf1', true],
    ['PKCS#8', 'leaf1_key_pkcs8', 'leaf1', true],
    ['a chain', 'leafint_key', 'leafint_chain', true],
    ['another key', 'other_key', 'leaf1', false],
    ['a certificate of another kind', 'other_key', 'ec', false],
    ['an Ed25519 certificate', 'other_key', 'ed', false],
  ])('%s', (_, key, certificate, fits) => {
    expect(privateKeyMatches(new Secret(fixture(key)), fixture(certificate))).toBe(fits);
  });
});

const P256 = 'prime256v1';

/** A certificate that signed itself, and its key in PKCS#8. */
async function selfSigned(kind: 'ec' | 'ed25519', namedCurve = ''): Promise<{ certificate: string; key: string }> {
  const publicKeyEncoding = { type: 'spki', format: 'pem' } as const;
  const privateKeyEncoding = { type: 'pkcs8', format: 'pem' } as const;
  const pair =
    kind === 'ec'
      ? generateKeyPairSync('ec', { namedCurve, publicKeyEncoding, privateKeyEncoding })
      : generateKeyPairSync('ed25519', { publicKeyEncoding, privateKeyEncoding });
  const certificate = await issue(
    { entropy: { bytes: (n) => randomBytes(n) } },
    {
      profile: {
        subject: { common_name: 'x' },
        alternativeNames: null,
        keyUsage: null,
        extendedKeyUsage: null,
        isCa: false,
      },
      publicKey: pair.publicKey,
      privateKey: new Secret(pair.privateKey),
      signer: { self: true },
      notBefore: new Date(),
      durationDays: 3650,
    },
  );
  return { certificate, key: pair.privateKey };
}

describe.each([
  ['P-256', 'ec', P256],
  ['P-384', 'ec', 'secp384r1'],
  ['P-521', 'ec', 'secp521r1'],
  ['Ed25519', 'ed25519', ''],
] as const)('a key of %s beside its certificate', (_, kind, curve) => {
  test('fits in PKCS#8, where another key of the kind does not', async () => {
    const one = await selfSigned(kind, curve);
    expect(privateKeyMatches(new Secret(one.key), one.certificate)).toBe(true);
    const others = [await selfSigned(kind, curve), await selfSigned('ec', curve === P256 ? 'secp384r1' : P256)];
    for (const { key } of [...others, await selfSigned('ed25519')]) {
      expect(privateKeyMatches(new Secret(key), one.certificate)).toBe(false);
    }
    expect(privateKeyMatches(new Secret(fixture('leaf1_key')), one.certificate)).toBe(false);
    expect(() => privateKeyMatches(new Secret(one.key), leaf)).toThrow(
      expect.objectContaining({ code: 'key_not_rsa' }),
    );
  });
});

test('a key in SEC 1 is refused beside its own certificate too, as CredHub does', async () => {
  const { certificate, key } = await selfSigned('ec', P256);
  const sec1 = createPrivateKey(key).export({ type: 'sec1', format: 'pem' }).toString();
  expect(() => privateKeyMatches(new Secret(sec1), certificate)).toThrow(
    expect.objectContaining({ code: 'key_not_rsa' }),
  );
});

test('a key that no certificate can be signed with is refused beside its own kind of certificate', async () => {
  const { certificate } = await selfSigned('ed25519');
  for (const { privateKey } of [
    generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
    generateKeyPairSync('x25519'),
    generateKeyPairSync('ed448'),
  ]) {
    const text = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(() => privateKeyMatches(new Secret(text), certificate)).toThrow(
      expect.objectContaining({ code: 'key_not_rsa' }),
    );
  }
});

test('lines before a key do not count, whatever line ends they have', () => {
  const before = ['\n', '\r', '\r\n'].map((end) => `words -----BEGIN X-----${end}${end}`).join('');
  expect(privateKeyMatches(new Secret(before + fixture('leaf1_key')), leaf)).toBe(true);
  expect(privateKeyMatches(new Secret(fixture('leaf1_key').replaceAll('\n', '\r')), leaf)).toBe(true);
});

describe('a refused key says why', () => {
  const refusals: [string, string, PkiErrorCode][] = [
    ['plain text', 'garbage', 'key_format'],
    ['nothing', '', 'key_format'],
    ['a certificate', leaf, 'key_format'],
    ['a public key', fixture('leaf1_pub'), 'key_format'],
    ['encrypted PKCS#1', fixture('leaf1_key_encrypted_pkcs1'), 'key_format'],
    ['encrypted PKCS#8', pkcs8Encrypted.privateKey, 'key_format'],
    [
      'curve parameters first',
      `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n`,
      'key_format',
    ],
    ['content that is no DER', '-----BEGIN RSA PRIVATE KEY-----\nZm9v\n-----END RSA PRIVATE KEY-----\n', 'key_content'],
    ['content that is no base64', '-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n', 'key_content'],
    ['no content', '-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n', 'key_content'],
    ['END line missing', fixture('leaf1_key').replace(/-----END.*\n/, ''), 'key_content'],
    ['an elliptic curve in SEC 1', fixture('ec_key_sec1'), 'key_not_rsa'],
    ['an elliptic curve in PKCS#8', ec.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 'key_not_rsa'],
  ];
  test.each(refusals)('%s', (_, key, code) => {
    expect(() => privateKeyMatches(new Secret(key), leaf)).toThrow(expect.objectContaining({ name: 'PkiError', code }));
  });

  test('and a refused certificate too', () => {
    const key = new Secret(fixture('leaf1_key'));
    expect(() => privateKeyMatches(key, 'no certificate')).toThrow(
      expect.objectContaining({ code: 'certificate_value' }),
    );
  });
});

describe('the length of a stored public key', () => {
  test('is the bits of its RSA modulus', () => {
    expect(publicKeyLength(fixture('leaf1_pub'))).toBe(2048);
    expect(publicKeyLength(pkcs8Encrypted.publicKey)).toBe(1024);
  });

  test.each([
    ['junk', 'public key'],
    ['a private key', fixture('leaf1_key')],
    ['a certificate', leaf],
    ['an elliptic curve', ec.publicKey.export({ type: 'spki', format: 'pem' }).toString()],
    ['an empty object', '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n'],
  ])('is unknown for %s', (_, text) => {
    expect(publicKeyLength(text)).toBeUndefined();
  });
});
