import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { PkiError, type Secret, type SignatureAlgorithm, signatureAlgorithmOf } from '@credplex/core';
import { readPrivateKey } from './private-key.ts';

export interface SigningKey {
  privateKey: KeyObject;
  publicKey: KeyObject;
  algorithm: SignatureAlgorithm;
}

// One CA can sign a thousand leaves in a bulk-regenerate, and decoding its key costs as much as a signature. The weak
// keys release an entry together with its secret.
const cachedKeys = new WeakMap<Secret, SigningKey>();

/** Returns the signing key of a PEM text. @throws PkiError `signer_key` if it cannot sign certificates */
export function signingKey(secret: Secret): SigningKey {
  const cached = cachedKeys.get(secret);
  if (cached) return cached;
  try {
    const privateKey = readPrivateKey(secret);
    const algorithm = signatureAlgorithmOf(privateKey);
    if (algorithm === undefined) throw new PkiError('signer_key');
    const key = { privateKey, publicKey: createPublicKey(privateKey), algorithm };
    cachedKeys.set(secret, key);
    return key;
  } catch (cause) {
    throw new PkiError('signer_key', { cause });
  }
}

/**
 * Signs in libuv's thread pool. An RSA signature by node-forge would block the event loop for 27 ms
 * (docs/decisions/0003-forge-builds-node-signs.md).
 */
export function signAsync({ privateKey, algorithm }: SigningKey, data: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    sign(algorithm.digest, data, privateKey, (cause, signature) => {
      if (cause) reject(new PkiError('signer_key', { cause }));
      else resolve(signature);
    });
  });
}
