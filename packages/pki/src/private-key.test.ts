import { generateKeyPairSync } from 'node:crypto';
import { type PkiErrorCode, Secret } from '@credplex/core';
import { describe, expect, test } from 'vitest';
import { fixture } from '../test/recorded.ts';
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
