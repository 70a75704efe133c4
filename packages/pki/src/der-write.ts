/// <reference path="./forge-asn1.d.ts" />
import asn1 from 'node-forge/lib/asn1.js';
import { hexOf, readDer, TAG } from './der-read.ts';

/** A value on its way into DER, in node-forge's shape but in our words: no other file and no published type knows node-forge. */
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

export function sequence(...items: DerNode[]): DerNode {
  return asn1.create(UNIVERSAL, asn1.Type.SEQUENCE, true, items);
}

/** SET OF: the encodings in ascending order (X.690 11.6). */
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

/** From the hexadecimal content, see oids.ts. */
export function oid(hex: string): DerNode {
  return primitive(asn1.Type.OID, Buffer.from(hex, 'hex').toString('latin1'));
}

/** A non-negative INTEGER from its big-endian octets, in the fewest octets (X.690 8.3.2). */
export function unsignedInteger(octets: Uint8Array): DerNode {
  const lead = octets.findIndex((octet) => octet !== 0);
  const significant = lead === -1 ? Uint8Array.of(0) : octets.subarray(lead);
  const sign = (significant[0] ?? 0) >= 0x80 ? '\0' : '';
  return primitive(asn1.Type.INTEGER, sign + latin1(significant));
}

export function boolean(value: boolean): DerNode {
  return primitive(asn1.Type.BOOLEAN, value ? '\xff' : '\0');
}

export function octetString(bytes: Uint8Array): DerNode {
  return primitive(asn1.Type.OCTETSTRING, latin1(bytes));
}

export function bitString(bits: Uint8Array, unused = 0): DerNode {
  return primitive(asn1.Type.BITSTRING, String.fromCharCode(unused) + latin1(bits));
}

/** For text that {@link isPrintable}. */
export function printableString(text: string): DerNode {
  return primitive(asn1.Type.PRINTABLESTRING, text);
}

export function utf8String(text: string): DerNode {
  return primitive(asn1.Type.UTF8, Buffer.from(text, 'utf8').toString('latin1'));
}

/** `[number] IMPLICIT`, primitive. */
export function implicit(number: number, bytes: Uint8Array): DerNode {
  return asn1.create(CONTEXT_SPECIFIC, number, false, latin1(bytes));
}

/** `[number] EXPLICIT`. */
export function explicit(number: number, item: DerNode): DerNode {
  return asn1.create(CONTEXT_SPECIFIC, number, true, [item]);
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

/** UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280 4.1.2.5). */
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

/** Returns DER that is encoded already, byte for byte: names of a CA, public keys, extensions kept by regenerate. */
export function rawDer(der: Uint8Array): DerNode {
  const { body } = readDer(der, TAG.sequence);
  // The constructed bit is given as part of the number: forge then writes the content as it is.
  return asn1.create(UNIVERSAL, TAG.sequence as number as asn1.Type, false, latin1(body));
}

export function encode(node: DerNode): Uint8Array {
  return Buffer.from(asn1.toDer(node).getBytes(), 'latin1');
}
