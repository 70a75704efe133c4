/**
 * XAES-256-GCM as C2SP specifies it (c2sp.org/XAES-256-GCM): AES-256-GCM under a key that is derived from a 24-byte nonce. Random
 * nonces of this length are safe for any practical number of messages.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

export const XAES_KEY_BYTES = 32;
export const XAES_NONCE_BYTES = 24;
const TAG_BYTES = 16;

export interface Xaes {
  /** Returns the ciphertext followed by the tag. */
  seal(nonce: Uint8Array, plaintext: Uint8Array, associated: Uint8Array): Buffer;
  /** Returns the plaintext, or `undefined` when the authentication fails. */
  open(nonce: Uint8Array, ciphertext: Uint8Array, associated: Uint8Array): Buffer | undefined;
  /** Like {@link open}, for large ciphertexts: yields to the event loop between slices, and overwrites the ciphertext. */
  openInPlace(nonce: Uint8Array, ciphertext: Uint8Array, associated: Uint8Array): Promise<Buffer | undefined>;
  /** Derives the AES-256-GCM key of the message with this nonce. The last 12 bytes of the nonce are the AES-GCM nonce. */
  messageKey(nonce: Uint8Array): Buffer;
}

/**
 * Encrypts a message with its derived key: AES-256-GCM, in slices into one buffer.
 * @returns the nonce, the ciphertext and the tag
 */
export function sealMessage(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: readonly Uint8Array[],
  associated: Uint8Array,
): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce.subarray(12));
  cipher.setAAD(associated);
  const length = plaintext.reduce((sum, part) => sum + part.length, nonce.length + TAG_BYTES);
  const sealed = Buffer.allocUnsafeSlow(length);
  sealed.set(nonce);
  let end = nonce.length;
  for (const part of plaintext) {
    for (let at = 0; at < part.length; at += SLICE_BYTES) {
      const body = cipher.update(part.subarray(at, at + SLICE_BYTES));
      sealed.set(body, end);
      end += body.length;
    }
  }
  cipher.final();
  sealed.set(cipher.getAuthTag(), end);
  return sealed;
}

/** About half a millisecond of work. */
const SLICE_BYTES = 512 * 1024;

/** The CMAC subkey K1 of SP 800-38B: double L in GF(2^128). */
function subkey(l: Uint8Array): Buffer {
  const k1 = Buffer.alloc(16);
  let carry = 0;
  for (let i = 15; i >= 0; i -= 1) {
    const byte = l[i] ?? 0;
    k1[i] = ((byte << 1) | carry) & 0xff;
    carry = byte >> 7;
  }
  k1[15] = (k1[15] ?? 0) ^ (carry * 0x87);
  return k1;
}

/** Creates the cipher of a key. @throws TypeError when the key does not have 32 bytes */
export function xaes(key: Uint8Array): Xaes {
  if (key.length !== XAES_KEY_BYTES) throw new TypeError('an XAES-256-GCM key has 32 bytes');
  // One cipher for all derivations: ECB keeps no state between blocks.
  const block = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  const k1 = subkey(block.update(Buffer.alloc(16)));

  /** M1 and M2 are SP 800-108 counter blocks with the label "X": 00 01 58 00 and 00 02 58 00 before half of the nonce. */
  const blocks = Buffer.concat([k1, k1]);
  for (const [start, counter] of [
    [0, 1],
    [16, 2],
  ] as const) {
    blocks.writeUInt32BE((blocks.readUInt32BE(start) ^ ((counter << 16) | 0x5800)) >>> 0, start);
  }
  function derive(nonce: Uint8Array): Buffer {
    for (let i = 0; i < 12; i += 1) {
      const byte = (nonce[i] ?? 0) ^ (k1[4 + i] ?? 0);
      blocks[4 + i] = byte;
      blocks[20 + i] = byte;
    }
    return block.update(blocks);
  }

  function createDecipher(nonce: Uint8Array, ciphertext: Uint8Array, associated: Uint8Array) {
    if (nonce.length !== XAES_NONCE_BYTES || ciphertext.length < TAG_BYTES) return undefined;
    const end = ciphertext.length - TAG_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', derive(nonce), nonce.subarray(12), { authTagLength: TAG_BYTES });
    decipher.setAAD(associated);
    decipher.setAuthTag(ciphertext.subarray(end));
    return { decipher, body: ciphertext.subarray(0, end) };
  }

  return {
    messageKey: derive,
    seal(nonce, plaintext, associated) {
      const cipher = createCipheriv('aes-256-gcm', derive(nonce), nonce.subarray(12));
      cipher.setAAD(associated);
      const body = cipher.update(plaintext);
      cipher.final();
      return Buffer.concat([body, cipher.getAuthTag()]);
    },
    open(nonce, ciphertext, associated) {
      const found = createDecipher(nonce, ciphertext, associated);
      if (found === undefined) return undefined;
      const plaintext = found.decipher.update(found.body);
      return isAuthentic(found.decipher) ? plaintext : undefined;
    },
    async openInPlace(nonce, ciphertext, associated) {
      const found = createDecipher(nonce, ciphertext, associated);
      if (found === undefined) return undefined;
      const { decipher, body } = found;
      const plaintext = Buffer.from(body.buffer, body.byteOffset, body.length);
      for (let at = 0; at < body.length; at += SLICE_BYTES) {
        plaintext.set(decipher.update(body.subarray(at, at + SLICE_BYTES)), at);
        await setImmediate();
      }
      return isAuthentic(decipher) ? plaintext : undefined;
    },
  };
}

function isAuthentic(decipher: { final(): Buffer }): boolean {
  try {
    decipher.final();
    return true;
  } catch {
    return false;
  }
}
