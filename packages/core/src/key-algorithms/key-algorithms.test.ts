import { createPrivateKey, createPublicKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { describeKey, generateKey, getKeyType, KEY_TYPES, SSH_KEY_TYPES } from './index.ts';

test('the key types are the four of the documentation, the default first, and SSH has them all', () => {
  expect(KEY_TYPES).toEqual(['rsa', 'ecdsa-p256', 'ecdsa-p384', 'ed25519']);
  expect(SSH_KEY_TYPES).toEqual(KEY_TYPES);
});

describe.each(KEY_TYPES.flatMap((type) => getKeyType(type).sizes.map((bits) => ({ type, bits }))))(
  'a generated key of $type with $bits bits',
  (choice) => {
    test('is a pair in PEM: SubjectPublicKeyInfo, and PKCS#1 for RSA, PKCS#8 for every other', async () => {
      const pair = await generateKey(choice);
      expect(pair.publicKey).toMatch(/^-----BEGIN PUBLIC KEY-----\n[\s\S]+-----END PUBLIC KEY-----\n$/);
      const label = choice.type === 'rsa' ? 'RSA PRIVATE KEY' : 'PRIVATE KEY';
      const text = pair.privateKey.reveal();
      expect(text.startsWith(`-----BEGIN ${label}-----\n`) && text.endsWith(`-----END ${label}-----\n`)).toBe(true);
      expect(createPublicKey(createPrivateKey(text)).export({ type: 'spki', format: 'pem' })).toBe(pair.publicKey);
    });
    test('describes itself as what was asked for', async () => {
      const { publicKey } = await generateKey(choice);
      expect(describeKey(createPublicKey(publicKey))).toEqual(choice);
    });
  },
);

test('an RSA key has the public exponent 65537', async () => {
  const { publicKey } = await generateKey({ type: 'rsa', bits: 2048 });
  expect(createPublicKey(publicKey).asymmetricKeyDetails).toEqual({ modulusLength: 2048, publicExponent: 65537n });
});

test('a caller that gives up leaves the queue of RSA keys, and the others get theirs', async () => {
  const abort = new AbortController();
  const jobs = [1, 2, 3, 4, 5].map((i) => generateKey({ type: 'rsa', bits: 2048 }, i === 5 ? abort.signal : undefined));
  abort.abort();
  const results = await Promise.allSettled(jobs);
  expect(results.map((r) => r.status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
});
