import { createHash } from 'node:crypto';
import { EXTENDED_KEY_USAGES, type ExtendedKeyUsage, KEY_USAGES, type KeyUsage } from '@credplex/core';
import { DerError, hexOf, readBitString, readChildren, readDer, readOid, TAG } from './der-read.ts';
import { bitString, boolean, encode, implicit, octetString, oid, sequence } from './der-write.ts';
import { EXTENDED_KEY_USAGE_OIDS } from './oids.ts';

/** Encodes KeyUsage as a named bit list without trailing zero bits (X.690, 11.2.2). No usage is `03 01 00`. */
export function encodeKeyUsage(usages: readonly KeyUsage[]): Uint8Array {
  const positions = usages.map((usage) => KEY_USAGES.indexOf(usage));
  const length = Math.max(-1, ...positions) + 1;
  const bits = new Uint8Array(Math.ceil(length / 8));
  for (const position of positions) bits[position >> 3] = (bits[position >> 3] ?? 0) | (0x80 >> (position & 7));
  return encode(bitString(bits, bits.length * 8 - length));
}

/** Decodes KeyUsage. @throws DerError */
export function readKeyUsage(content: Uint8Array): KeyUsage[] {
  const { bits } = readBitString(readDer(content));
  return KEY_USAGES.filter((_, position) => ((bits[position >> 3] ?? 0) & (0x80 >> (position & 7))) !== 0);
}

/** Encodes ExtendedKeyUsage in the given order. */
export function encodeExtendedKeyUsage(usages: readonly ExtendedKeyUsage[]): Uint8Array {
  return encode(sequence(...usages.map((usage) => oid(EXTENDED_KEY_USAGE_OIDS[usage]))));
}

/** Decodes the identifiers of ExtendedKeyUsage, in order and in the form of oids.ts. @throws DerError */
export function readPurposes(content: Uint8Array): string[] {
  return readChildren(readDer(content, TAG.sequence).body).map(readOid);
}

/** Decodes the usages that CredHub has names for. Also returns the DER if there are other usages. @throws DerError */
export function readExtendedKeyUsage(content: Uint8Array): { usages: ExtendedKeyUsage[]; der: Uint8Array | undefined } {
  const usages = readPurposes(content).flatMap(
    (purpose) => EXTENDED_KEY_USAGES.find((usage) => EXTENDED_KEY_USAGE_OIDS[usage] === purpose) ?? [],
  );
  const same = hexOf(encodeExtendedKeyUsage(usages)) === hexOf(content);
  return { usages, der: same ? undefined : Uint8Array.from(content) };
}

/**
 * Encodes BasicConstraints. cA has the default FALSE, so false is omitted (X.690, 11.5). There is no path length
 * (docs/reference/credhub-server.md#what-is-issued).
 */
export function encodeBasicConstraints(isCa: boolean): Uint8Array {
  return encode(sequence(...(isCa ? [boolean(true)] : [])));
}

/** Returns whether BasicConstraints marks a CA. @throws DerError */
export function readBasicConstraints(content: Uint8Array): boolean {
  const [first] = readChildren(readDer(content, TAG.sequence).body);
  if (first?.tag !== TAG.boolean) return false;
  if (first.body.length !== 1) throw new DerError('boolean');
  return first.body[0] !== 0;
}

/** Returns the key identifier of RFC 5280, 4.2.1.2, method 1: SHA-1 of the key's bits. Its strength is irrelevant. */
export function keyIdentifier(publicKeyInfo: Uint8Array): Uint8Array {
  const [, key] = readChildren(readDer(publicKeyInfo, TAG.sequence).body);
  return createHash('sha1').update(readBitString(key).bits).digest();
}

export function encodeSubjectKeyIdentifier(id: Uint8Array): Uint8Array {
  return encode(octetString(id));
}

export function readSubjectKeyIdentifier(content: Uint8Array): Uint8Array {
  return readDer(content, TAG.octetString).body;
}

/**
 * Encodes only the key identifier, without issuer and serial number (docs/reference/credhub-server.md#what-is-issued).
 */
export function encodeAuthorityKeyIdentifier(id: Uint8Array): Uint8Array {
  return encode(sequence(implicit(0, id)));
}
