import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { PkiError, type Secret } from '@credplex/core';
import { type DerNode, nothing, oid, sequence } from './der-write.ts';
import { OID } from './oids.ts';
import { readPrivateKey } from './private-key.ts';

/** What the kind of a signer's key decides: AlgorithmIdentifier and digest. RFC 4055 5, RFC 5758 3.2, RFC 8410 3. */
interface SignatureAlgorithm {
  identifier: () => DerNode;
  digest: 'sha256' | 'sha384' | 'sha512' | null;
}

const RSA: SignatureAlgorithm = { identifier: () => sequence(oid(OID.sha256WithRsa), nothing()), digest: 'sha256' };

const ECDSA: Readonly<Record<string, SignatureAlgorithm>> = {
  prime256v1: { identifier: () => sequence(oid(OID.ecdsaWithSha256)), digest: 'sha256' },
  secp384r1: { identifier: () => sequence(oid(OID.ecdsaWithSha384)), digest: 'sha384' },
  secp521r1: { identifier: () => sequence(oid(OID.ecdsaWithSha512)), digest: 'sha512' },
};

const EDWARDS: Readonly<Record<string, SignatureAlgorithm>> = {
  ed25519: { identifier: () => sequence(oid(OID.ed25519)), digest: null },
  ed448: { identifier: () => sequence(oid(OID.ed448)), digest: null },
};

const algorithmOf = (key: KeyObject): SignatureAlgorithm | undefined => {
  const kind = key.asymmetricKeyType ?? '';
  if (kind === 'rsa') return RSA;
  if (kind === 'ec') return ECDSA[key.asymmetricKeyDetails?.namedCurve ?? ''];
  return EDWARDS[kind];
};

export interface SigningKey {
  privateKey: KeyObject;
  publicKey: KeyObject;
  algorithm: SignatureAlgorithm;
}

// One CA signs a thousand leaves in a bulk-regenerate, and decoding its key costs as much as a signature. Held only as long
// as the caller holds the secret itself.
const known = new WeakMap<Secret, SigningKey>();

/** @throws PkiError `signer_key` when the text holds no key that can sign a certificate. */
export const signingKey = (secret: Secret): SigningKey => {
  const before = known.get(secret);
  if (before) return before;
  try {
    const privateKey = readPrivateKey(secret);
    const algorithm = algorithmOf(privateKey);
    if (algorithm === undefined) throw new PkiError('signer_key');
    const key = { privateKey, publicKey: createPublicKey(privateKey), algorithm };
    known.set(secret, key);
    return key;
  } catch (cause) {
    throw new PkiError('signer_key', { cause });
  }
};

/**
 * Signs on libuv's pool. An RSA signature by node-forge would block the event loop for 27 ms
 * (docs/decisions/0003-forge-builds-node-signs.md).
 */
export const signOffLoop = ({ privateKey, algorithm }: SigningKey, data: Uint8Array): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    sign(algorithm.digest, data, privateKey, (cause, signature) => {
      if (cause) reject(new PkiError('signer_key', { cause }));
      else resolve(signature);
    });
  });
