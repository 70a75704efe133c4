import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { xaes } from './xaes.ts';

const nonce = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWX');
const plaintext = Buffer.from('XAES-256-GCM');

test.for([
  ['most significant bit of L clear', 0x01, '', 'ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271'],
  [
    'most significant bit of L set',
    0x03,
    'c2sp.org/XAES-256-GCM',
    '986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d',
  ],
] as const)('C2SP vector, %s', ([, byte, associated, expected]) => {
  const cipher = xaes(Buffer.alloc(32, byte));
  const sealed = cipher.seal(nonce, plaintext, Buffer.from(associated));
  expect(sealed.toString('hex')).toBe(expected);
  expect(cipher.open(nonce, sealed, Buffer.from(associated))).toEqual(plaintext);
});

test('C2SP accumulated vector, 10,000 iterations', () => {
  const iterations = 10_000;
  // Keys, nonces, texts and associated data are read from SHAKE128 of nothing; ciphertexts are hashed with SHAKE128.
  const random = createHash('shake128', { outputLength: iterations * (32 + 24 + 2 + 2 * 255) }).digest();
  const accumulated = createHash('shake128', { outputLength: 32 });
  let at = 0;
  const take = (length: number): Buffer => {
    at += length;
    return random.subarray(at - length, at);
  };
  for (let i = 0; i < iterations; i += 1) {
    const cipher = xaes(take(32));
    const nonceOf = take(24);
    const text = take(take(1)[0] ?? 0);
    const associated = take(take(1)[0] ?? 0);
    accumulated.update(cipher.seal(nonceOf, text, associated));
  }
  expect(accumulated.digest('hex')).toBe('e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939');
});

test('every changed bit is detected', () => {
  const cipher = xaes(Buffer.alloc(32, 7));
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 64 }),
      fc.uint8Array({ maxLength: 16 }),
      fc.nat(),
      (text, associated, bit) => {
        const sealed = cipher.seal(nonce, text, associated);
        expect(cipher.open(nonce, sealed, associated)).toEqual(Buffer.from(text));
        const place = bit % (sealed.length * 8);
        sealed[place >> 3] = (sealed[place >> 3] ?? 0) ^ (1 << (place & 7));
        expect(cipher.open(nonce, sealed, associated)).toBeUndefined();
      },
    ),
  );
});
