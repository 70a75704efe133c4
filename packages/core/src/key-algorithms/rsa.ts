import { generateKeyPair, type KeyObject } from 'node:crypto';
import { secret } from '../secret.ts';
import { queueGeneration } from './generation-queue.ts';
import type { KeyAlgorithm, KeyPair } from './key-algorithm.ts';
import { bitLength, integerPart, isText, textPart } from './ssh-parts.ts';

const SSH_NAME = 'ssh-rsa';
/** sha256WithRSAEncryption with its NULL parameters (RFC 4055, 5). */
const SHA256_WITH_RSA = '300d06092a864886f70d01010b0500';

function generateRsaKeyPair(bits: number): Promise<KeyPair> {
  return new Promise((resolve, reject) => {
    generateKeyPair(
      'rsa',
      {
        modulusLength: bits,
        publicExponent: 65537,
        publicKeyEncoding: { type: 'spki', format: 'pem' },
        privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      },
      (error, publicKey, privateKey) => {
        if (error) reject(error);
        else resolve({ publicKey, privateKey: secret(privateKey) });
      },
    );
  });
}

/** RSA: RFC 8017; SSH keys: RFC 4253, 6.6. */
export const rsa = {
  name: 'rsa',
  keyTypes: { rsa: [2048, 3072, 4096] },
  takesKeyLength: true,
  generate: (bits: number, signal?: AbortSignal) => queueGeneration(() => generateRsaKeyPair(bits), signal),
  describe: (key: KeyObject) => ({ type: 'rsa', bits: key.asymmetricKeyDetails?.modulusLength ?? 0 }),
  signature: () => ({ identifier: SHA256_WITH_RSA, digest: 'sha256' }),
  ssh: {
    names: [SSH_NAME],
    publicParts(key: KeyObject) {
      const { e, n } = key.export({ format: 'jwk' });
      return [textPart(SSH_NAME), integerPart(e), integerPart(n)];
    },
    describe([name, , modulus]: readonly Uint8Array[]) {
      return modulus !== undefined && isText(name, SSH_NAME) ? { type: 'rsa', bits: bitLength(modulus) } : undefined;
    },
    hasFingerprintWhenSet: true,
  },
} as const satisfies KeyAlgorithm;
