/**
 * SHA-512 crypt with the default 5,000 rounds, after Ulrich Drepper's "Unix crypt using SHA-256 and SHA-512". Every
 * crypt(3) verifies the result as `$6$`. A hash takes some milliseconds and grows with the square of the password's
 * length, so servers call it through `crypt-pool.ts`.
 */
import { createHash, hash } from 'node:crypto';

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ROUNDS = 5000;
const DIGEST_BYTES = 64;

function sha512(...parts: readonly Uint8Array[]): Buffer {
  return hash('sha512', Buffer.concat(parts), 'buffer');
}

/** Maximum length of a password in bytes; it takes half a second. The algorithm itself has no limit. */
export const MAX_HASHED_BYTES = 16_384;

/** Returns `length` bytes filled with repetitions of `unit`. */
function repeatToLength(unit: Uint8Array, length: number): Buffer {
  const out = Buffer.alloc(length);
  for (let at = 0; at < length; at += unit.length) out.set(unit.subarray(0, Math.min(unit.length, length - at)), at);
  return out;
}

/** Hashes the password once per byte of its length, without building the concatenation. */
function hashRepeatedPerByte(key: Uint8Array): Buffer {
  const sum = createHash('sha512');
  for (let times = 0; times < key.length; times++) sum.update(key);
  return sum.digest();
}

/**
 * Returns the hash with its prefix and salt.
 * @param salt at most 16 characters of the crypt alphabet, without `$6$`
 */
export function sha512Crypt(password: string, salt: string): string {
  const key = Buffer.from(password, 'utf8');
  const salted = Buffer.from(salt, 'utf8');

  const alternate = sha512(key, salted, key);
  const start: Uint8Array[] = [key, salted, repeatToLength(alternate, key.length)];
  for (let bits = key.length; bits > 0; bits >>>= 1) start.push(bits & 1 ? alternate : key);
  let digest = sha512(...start);

  const p = repeatToLength(hashRepeatedPerByte(key), key.length);
  const s = repeatToLength(sha512(...Array.from({ length: 16 + (digest[0] ?? 0) }, () => salted)), salted.length);

  const input = Buffer.alloc(2 * DIGEST_BYTES + 2 * p.length + s.length);
  for (let round = 0; round < ROUNDS; round++) {
    const odd = (round & 1) === 1;
    let at = copyInto(input, 0, odd ? p : digest);
    if (round % 3 !== 0) at = copyInto(input, at, s);
    if (round % 7 !== 0) at = copyInto(input, at, p);
    at = copyInto(input, at, odd ? digest : p);
    digest = hash('sha512', input.subarray(0, at), 'buffer');
  }
  return `$6$${salt}$${encodeDigest(digest)}`;
}

function copyInto(target: Buffer, at: number, part: Uint8Array): number {
  target.set(part, at);
  return at + part.length;
}

/** Encodes in crypt's base64 variant: groups of three bytes in rotating order, least significant six bits first. */
function encodeDigest(digest: Uint8Array): string {
  let out = '';
  for (let i = 0; i < 21; i++) {
    const group = [i, 21 + i, 42 + i];
    const [a = 0, b = 0, c = 0] = [0, 1, 2].map((n) => group[(n + i) % 3] ?? 0);
    out += sixBits(((digest[a] ?? 0) << 16) | ((digest[b] ?? 0) << 8) | (digest[c] ?? 0), 4);
  }
  return out + sixBits(digest[63] ?? 0, 2);
}

function sixBits(bits: number, count: number): string {
  let out = '';
  for (let i = 0, rest = bits; i < count; i++, rest >>>= 6) out += ALPHABET.charAt(rest & 63);
  return out;
}

/** Returns eight random characters of the crypt alphabet, as CredHub does. */
export function randomSalt(entropy: { below(limit: number): number }): string {
  return Array.from({ length: 8 }, () => ALPHABET.charAt(entropy.below(64))).join('');
}
