import { type KeyObject, X509Certificate } from 'node:crypto';
import { PkiError } from '@credplex/core';
import {
  DerError,
  expectTag,
  integerBits,
  readBitString,
  readChildren,
  readDer,
  readOid,
  readTime,
  TAG,
} from './der-read.ts';
import { OID } from './oids.ts';
import { certificateDer, requireCertificateFirst } from './pem.ts';

/** The decoded parts of a certificate; names and key as DER. */
export interface Certificate {
  der: Uint8Array;
  issuer: Uint8Array;
  subject: Uint8Array;
  publicKeyInfo: Uint8Array;
  notBefore: Date;
  notAfter: Date;
  /** Content of each extension by identifier (oids.ts). */
  extensions: ReadonlyMap<string, Uint8Array>;
}

const VERSION_TAG = 0xa0;
const EXTENSIONS_TAG = 0xa3;

function readExtensions(body: Uint8Array): Map<string, Uint8Array> {
  const extensions = new Map<string, Uint8Array>();
  for (const extension of readChildren(readDer(body, TAG.sequence).body)) {
    const [type, ...rest] = readChildren(expectTag(extension, TAG.sequence).body);
    const id = readOid(type);
    // RFC 5280, 4.2 forbids duplicates. Parsers that choose differently between two of them could be attacked.
    if (extensions.has(id)) throw new DerError('extension given twice');
    extensions.set(id, expectTag(rest.at(-1), TAG.octetString).body);
  }
  return extensions;
}

/** Decodes the structure of RFC 5280, 4.1. @throws DerError */
export function readCertificate(der: Uint8Array): Certificate {
  const [tbs, algorithm, signature, ...more] = readChildren(readDer(der, TAG.sequence).body);
  if (more.length > 0) throw new DerError('certificate of more than three parts');
  expectTag(algorithm, TAG.sequence);
  readBitString(signature);
  const parts = readChildren(expectTag(tbs, TAG.sequence).body);
  if (parts[0]?.tag === VERSION_TAG) parts.shift();
  const [serial, signatureAlgorithm, issuer, validity, subject, publicKeyInfo, ...optional] = parts;
  expectTag(serial, TAG.integer);
  expectTag(signatureAlgorithm, TAG.sequence);
  const [notBefore, notAfter] = readChildren(expectTag(validity, TAG.sequence).body);
  const extensions = optional.find((part) => part.tag === EXTENSIONS_TAG);
  return {
    der,
    issuer: expectTag(issuer, TAG.sequence).der,
    subject: expectTag(subject, TAG.sequence).der,
    publicKeyInfo: expectTag(publicKeyInfo, TAG.sequence).der,
    notBefore: readTime(notBefore),
    notAfter: readTime(notAfter),
    extensions: extensions ? readExtensions(extensions.body) : new Map<string, Uint8Array>(),
  };
}

/** A parsed certificate, and OpenSSL's object of it for keys and signatures. */
export interface ReadCertificate {
  certificate: Certificate;
  x509: X509Certificate;
}

/**
 * Parses the first certificate of a text by CredHub's rules (docs/reference/credhub-server.md#reading-pem) and returns
 * the result of `use`. Errors of `use` that hostile content causes also become a PkiError.
 *
 * @throws PkiError `certificate_value`, `certificate_unreadable`
 */
export function readCertificateText<T>(text: string, use: (read: ReadCertificate) => T): T {
  const der = certificateDer(text);
  let result: T;
  try {
    result = use({ certificate: readCertificate(der), x509: new X509Certificate(der) });
  } catch (cause) {
    if (cause instanceof PkiError) throw cause;
    throw new PkiError('certificate_value', { cause });
  }
  requireCertificateFirst(text);
  return result;
}

/** Returns the bits of an RSA key's modulus; `undefined` for other algorithms. */
export function rsaModulusBits(publicKeyInfo: Uint8Array): number | undefined {
  const [algorithm, key] = readChildren(readDer(publicKeyInfo, TAG.sequence).body);
  const [type] = readChildren(expectTag(algorithm, TAG.sequence).body);
  if (readOid(type) !== OID.rsaEncryption) return undefined;
  const [modulus] = readChildren(readDer(readBitString(key).bits, TAG.sequence).body);
  return integerBits(modulus);
}

/** Returns the certificate's key; `undefined` for an algorithm that OpenSSL does not support. */
export function publicKeyOf(x509: X509Certificate): KeyObject | undefined {
  try {
    return x509.publicKey;
  } catch {
    return undefined;
  }
}

/** Returns whether `signer`'s key verifies the signature; false for algorithms that OpenSSL does not support. */
export function verifies(certificate: X509Certificate, signer: X509Certificate): boolean {
  const key = publicKeyOf(signer);
  if (key === undefined) return false;
  try {
    return certificate.verify(key);
  } catch {
    return false;
  }
}
