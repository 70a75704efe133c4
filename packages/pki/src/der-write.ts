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

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

const primitive = (type: asn1.Type, bytes: string): DerNode => asn1.create(UNIVERSAL, type, false, bytes);

export const sequence = (...items: DerNode[]): DerNode => asn1.create(UNIVERSAL, asn1.Type.SEQUENCE, true, items);

/** SET OF: the encodings in ascending order (X.690 11.6). */
export const setOf = (...items: DerNode[]): DerNode => {
  const sorted = items
    .map((item) => ({ item, hex: hexOf(encode(item)) }))
    .sort((a, b) => (a.hex < b.hex ? -1 : a.hex > b.hex ? 1 : 0));
  return asn1.create(
    UNIVERSAL,
    asn1.Type.SET,
    true,
    sorted.map(({ item }) => item),
  );
};

/** From the hexadecimal content, see oids.ts. */
export const oid = (hex: string): DerNode => primitive(asn1.Type.OID, Buffer.from(hex, 'hex').toString('latin1'));

/** A non-negative INTEGER from its big-endian octets, in the fewest octets (X.690 8.3.2). */
export const unsignedInteger = (octets: Uint8Array): DerNode => {
  const lead = octets.findIndex((octet) => octet !== 0);
  const significant = lead === -1 ? Uint8Array.of(0) : octets.subarray(lead);
  const sign = (significant[0] ?? 0) >= 0x80 ? '\0' : '';
  return primitive(asn1.Type.INTEGER, sign + latin1(significant));
};

export const boolean = (value: boolean): DerNode => primitive(asn1.Type.BOOLEAN, value ? '\xff' : '\0');
export const octetString = (bytes: Uint8Array): DerNode => primitive(asn1.Type.OCTETSTRING, latin1(bytes));
export const bitString = (bits: Uint8Array, unused = 0): DerNode =>
  primitive(asn1.Type.BITSTRING, String.fromCharCode(unused) + latin1(bits));

/** For text that {@link isPrintable}. */
export const printableString = (text: string): DerNode => primitive(asn1.Type.PRINTABLESTRING, text);
export const utf8String = (text: string): DerNode =>
  primitive(asn1.Type.UTF8, Buffer.from(text, 'utf8').toString('latin1'));

/** `[number] IMPLICIT`, primitive. */
export const implicit = (number: number, bytes: Uint8Array): DerNode =>
  asn1.create(CONTEXT_SPECIFIC, number, false, latin1(bytes));
/** `[number] EXPLICIT`. */
export const explicit = (number: number, item: DerNode): DerNode => asn1.create(CONTEXT_SPECIFIC, number, true, [item]);

const digits = (value: number, width: number): string => String(value).padStart(width, '0');

/** UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280 4.1.2.5). */
export const time = (date: Date): DerNode => {
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
};

/** A finished SEQUENCE, byte for byte: names of a CA, public keys, extensions kept by regenerate. */
export const finished = (der: Uint8Array): DerNode => {
  const { body } = readDer(der, TAG.sequence);
  // The constructed bit is given as part of the number: forge then writes the content as it is.
  return asn1.create(UNIVERSAL, TAG.sequence as number as asn1.Type, false, latin1(body));
};

export const encode = (node: DerNode): Uint8Array => Buffer.from(asn1.toDer(node).getBytes(), 'latin1');
