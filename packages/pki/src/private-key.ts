import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { PkiError, type Secret, signatureAlgorithmOf } from '@credplex/core';
import { publicKeyOf, readCertificateText } from './certificate.ts';
import { readDer, TAG } from './der-read.ts';
import { firstPemBlock } from './pem.ts';

/** PEM labels of unencrypted private keys, with their DER structure. */
const STRUCTURES = {
  'RSA PRIVATE KEY': 'pkcs1',
  'PRIVATE KEY': 'pkcs8',
  'EC PRIVATE KEY': 'sec1',
} as const;

type Label = keyof typeof STRUCTURES;
function isLabel(label: string): label is Label {
  return Object.hasOwn(STRUCTURES, label);
}

const DSA_LABEL = 'DSA PRIVATE KEY';

/**
 * Reads the first PEM object of a text as a private key, as CredHub does.
 * @throws PkiError `key_format`, `key_content`; `key_not_rsa` for an unsupported DSA key
 */
export function readPrivateKey(privateKey: Secret): KeyObject {
  return readLabelledKey(privateKey).key;
}

function readLabelledKey(privateKey: Secret): { label: Label; key: KeyObject } {
  const block = firstPemBlock(privateKey.reveal());
  if (block === undefined) throw new PkiError('key_format');
  if (!block.closed) throw new PkiError('key_content');
  const encrypted = block.headers.some((header) => /^Proc-Type:.*ENCRYPTED/.test(header));
  if (encrypted || !(isLabel(block.label) || block.label === DSA_LABEL)) throw new PkiError('key_format');
  try {
    if (block.der === undefined) throw new PkiError('key_content');
    readDer(block.der, TAG.sequence);
    if (!isLabel(block.label)) throw new PkiError('key_not_rsa');
    const { label } = block;
    return { label, key: createPrivateKey({ key: Buffer.from(block.der), format: 'der', type: STRUCTURES[label] }) };
  } catch (cause) {
    if (cause instanceof PkiError) throw cause;
    throw new PkiError('key_content', { cause });
  }
}

function isRsa({ asymmetricKeyType }: KeyObject): boolean {
  return asymmetricKeyType === 'rsa' || asymmetricKeyType === 'rsa-pss';
}

/**
 * Returns whether the private key belongs to the certificate. A key other than RSA must be in PKCS#8, and is accepted
 * only for a certificate whose key is not RSA either (docs/reference/divergences.md#certificates).
 * @throws PkiError `key_format`, `key_content`, `key_not_rsa`, and those of a certificate's text
 */
export function privateKeyMatches(privateKey: Secret, certificate: string): boolean {
  const { label, key } = readLabelledKey(privateKey);
  const isOther = !isRsa(key);
  const canBeSet = label === 'PRIVATE KEY' && signatureAlgorithmOf(key) !== undefined;
  if (isOther && !canBeSet) throw new PkiError('key_not_rsa');
  const own = readCertificateText(certificate, ({ x509 }) => publicKeyOf(x509));
  if (isOther && (own === undefined || isRsa(own))) throw new PkiError('key_not_rsa');
  if (own === undefined || own.asymmetricKeyType !== key.asymmetricKeyType) return false;
  if (signatureAlgorithmOf(own) === undefined) return false;
  try {
    return createPublicKey(key).equals(own);
  } catch (cause) {
    throw new PkiError('key_content', { cause });
  }
}

/** Returns the bits of an RSA public key PEM (SubjectPublicKeyInfo or PKCS#1); undefined for any other text. */
export function publicKeyLength(publicKey: string): number | undefined {
  const block = firstPemBlock(publicKey);
  if (block?.der === undefined || !block.closed) return undefined;
  const type = block.label === 'PUBLIC KEY' ? 'spki' : block.label === 'RSA PUBLIC KEY' ? 'pkcs1' : undefined;
  if (type === undefined) return undefined;
  try {
    const key = createPublicKey({ key: Buffer.from(block.der), format: 'der', type });
    return key.asymmetricKeyType === 'rsa' ? key.asymmetricKeyDetails?.modulusLength : undefined;
  } catch {
    return undefined;
  }
}
