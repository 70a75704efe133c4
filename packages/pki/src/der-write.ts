/// <reference path="./forge-asn1.d.ts" />
import asn1 from 'node-forge/lib/asn1.js';
import { hexOf, readDer, TAG } from './der-read.ts';

/**
 * A value to encode, structurally equal to node-forge's type. It hides node-forge from other files and published types.
 */
export interface DerNode {
  tagClass: number;
  type: number;
  constructed: boolean;
  composed: boolean;
  value: string | DerNode[];
}

const { UNIVERSAL, CONTEXT_SPECIFIC } = asn1.Class;

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function primitive(type: asn1.Type, bytes: string): DerNode {
  return asn1.create(UNIVERSAL, type, false, bytes);
}

/** Returns a SEQUENCE. */
export function sequence(...items: DerNode[]): DerNode {
  return asn1.create(UNIVERSAL, asn1.Type.SEQUENCE, true, items);
}

/** Returns a SET OF with its encodings in ascending order (X.690, 11.6). */
export function setOf(...items: DerNode[]): DerNode {
  const sorted = items
    .map((item) => ({ item, hex: hexOf(encode(item)) }))
    .sort((a, b) => (a.hex < b.hex ? -1 : a.hex > b.hex ? 1 : 0));
  return asn1.create(
    UNIVERSAL,
    asn1.Type.SET,
    true,
    sorted.map(({ item }) => item),
  );
}

/** Returns an OBJECT IDENTIFIER from its hexadecimal content (oids.ts). */
export function oid(hex: string): DerNode {
  return primitive(asn1.Type.OID, Buffer.from(hex, 'hex').toString('latin1'));
}

/** Returns a non-negative INTEGER from its big-endian octets, in the fewest octets (X.690, 8.3.2). */
export function unsignedInteger(octets: Uint8Array): DerNode {
  const lead = octets.findIndex((octet) => octet !== 0);
  const significant = lead === -1 ? Uint8Array.of(0) : octets.subarray(lead);
  const sign = (significant[0] ?? 0) >= 0x80 ? '\0' : '';
  return primitive(asn1.Type.INTEGER, sign + latin1(significant));
}

/** Returns a BOOLEAN. */
export function boolean(value: boolean): DerNode {
  return primitive(asn1.Type.BOOLEAN, value ? '\xff' : '\0');
}

/** Returns an OCTET STRING. */
export function octetString(bytes: Uint8Array): DerNode {
  return primitive(asn1.Type.OCTETSTRING, latin1(bytes));
}

/** Returns a BIT STRING; `unused` is the number of unused bits in the last octet. */
export function bitString(bits: Uint8Array, unused = 0): DerNode {
  return primitive(asn1.Type.BITSTRING, String.fromCharCode(unused) + latin1(bits));
}

/** Returns a PrintableString. The caller must check the characters. */
export function printableString(text: string): DerNode {
  return primitive(asn1.Type.PRINTABLESTRING, text);
}

/** Returns a UTF8String. */
export function utf8String(text: string): DerNode {
  return primitive(asn1.Type.UTF8, Buffer.from(text, 'utf8').toString('latin1'));
}

/** Returns a primitive value tagged `[number] IMPLICIT`. */
export function implicit(number: number, bytes: Uint8Array): DerNode {
  return asn1.create(CONTEXT_SPECIFIC, number, false, latin1(bytes));
}

/** Returns a value tagged `[number] EXPLICIT`. */
export function explicit(number: number, item: DerNode): DerNode {
  return asn1.create(CONTEXT_SPECIFIC, number, true, [item]);
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

/** Returns UTCTime until 2049 and GeneralizedTime from 2050 (RFC 5280, 4.1.2.5). */
export function time(date: Date): DerNode {
  const year = date.getUTCFullYear();
  const rest = [
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ]
    .map((part) => digits(part, 2))
    .join('');
  return year >= 1950 && year < 2050
    ? primitive(asn1.Type.UTCTIME, `${digits(year % 100, 2)}${rest}Z`)
    : primitive(asn1.Type.GENERALIZEDTIME, `${digits(year, 4)}${rest}Z`);
}

/** Wraps a SEQUENCE that is already encoded, to copy it exactly: names of a CA, public keys, kept extensions. */
export function rawDer(der: Uint8Array): DerNode {
  const { body } = readDer(der, TAG.sequence);
  // The constructed bit is passed as part of the tag number, so that node-forge writes the content unchanged.
  return asn1.create(UNIVERSAL, TAG.sequence as number as asn1.Type, false, latin1(body));
}

/** Encodes a value as DER. */
export function encode(node: DerNode): Uint8Array {
  return Buffer.from(asn1.toDer(node).getBytes(), 'latin1');
}
