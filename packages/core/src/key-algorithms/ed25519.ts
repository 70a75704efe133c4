import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { secret } from '../secret.ts';
import type { KeyAlgorithm } from './key-algorithm.ts';
import { isText, octetsOf, textPart } from './ssh-parts.ts';

const generate = promisify(generateKeyPair);

const SSH_NAME = 'ssh-ed25519';
const BITS = 256;
const KEY_OCTETS = 32;
const DESCRIPTION = { type: 'ed25519', bits: BITS };
/** id-Ed25519 without parameters (RFC 8410, 3). */
const ED25519 = '300506032b6570';

function publicOctets(key: KeyObject): Buffer {
  return octetsOf(key.export({ format: 'jwk' }).x);
}

/** Ed25519: RFC 8032; in certificates: RFC 8410; SSH keys: RFC 8709. */
export const ed25519 = {
  name: 'ed25519',
  keyTypes: { ed25519: [BITS] },
  takesKeyLength: false,
  async generate() {
    const { publicKey, privateKey } = await generate('ed25519', {
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    return { publicKey, privateKey: secret(privateKey) };
  },
  describe: () => DESCRIPTION,
  signature: () => ({ identifier: ED25519, digest: null }),
  ssh: {
    names: [SSH_NAME],
    publicParts: (key: KeyObject) => [textPart(SSH_NAME), publicOctets(key)],
    privateParts(key: KeyObject) {
      const own = publicOctets(key);
      return [textPart(SSH_NAME), own, Buffer.concat([octetsOf(key.export({ format: 'jwk' }).d), own])];
    },
    describe: ([name, key]: readonly Uint8Array[]) =>
      isText(name, SSH_NAME) && key?.length === KEY_OCTETS ? DESCRIPTION : undefined,
    hasFingerprintWhenSet: false,
  },
} as const satisfies KeyAlgorithm;
