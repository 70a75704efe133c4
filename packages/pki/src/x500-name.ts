import type { SubjectFields } from '@credplex/core';
import { type DerElement, DerError, expectTag, hexOf, readChildren, readDer, readOid, TAG } from './der-read.ts';
import { type DerNode, encode, oid, printableString, sequence, setOf, utf8String } from './der-write.ts';
import { OID } from './oids.ts';

/** Subject fields in CredHub's order (docs/reference/credhub-server.md#what-is-issued). */
const FIELDS: readonly (readonly [keyof SubjectFields, string])[] = [
  ['common_name', OID.commonName],
  ['organization_unit', OID.organizationUnit],
  ['country', OID.country],
  ['state', OID.state],
  ['organization', OID.organization],
  ['locality', OID.locality],
];

/** One attribute of a name. `value` is plain text without escapes of a distinguished name. */
export interface NameAttribute {
  /** As in oids.ts. */
  oid: string;
  value: string;
}

// X.680 41.4
const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;

function attribute({ oid: type, value }: NameAttribute): DerNode {
  return sequence(oid(type), PRINTABLE.test(value) ? printableString(value) : utf8String(value));
}

/**
 * Encodes a name from relative distinguished names. Those of Cloud Foundry's instance identity have several attributes.
 */
export function encodeName(rdns: readonly (readonly NameAttribute[])[]): Uint8Array {
  return encode(sequence(...rdns.map((attributes) => setOf(...attributes.map(attribute)))));
}

/** Encodes a subject. As in CredHub, an empty field becomes an empty attribute; an absent field is omitted. */
export function encodeSubject(subject: SubjectFields): Uint8Array {
  return encodeName(
    FIELDS.flatMap(([field, type]) => {
      const value = subject[field];
      return value === undefined ? [] : [[{ oid: type, value }]];
    }),
  );
}

function utf32(body: Uint8Array): string {
  if (body.length % 4 !== 0) throw new DerError('UniversalString');
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  let text = '';
  for (let at = 0; at < body.length; at += 4) {
    const point = view.getUint32(at);
    text += point > 0x10ffff ? '\ufffd' : String.fromCodePoint(point);
  }
  return text;
}

/** Decodes a string type; `undefined` for any other type. @throws DerError */
function textOf({ tag, body }: DerElement): string | undefined {
  const bytes = Buffer.from(body);
  switch (tag) {
    case TAG.utf8String:
      return bytes.toString('utf8');
    case TAG.printableString:
    case TAG.ia5String:
    case TAG.teletexString:
    case TAG.numericString:
    case TAG.visibleString:
      return bytes.toString('latin1');
    case TAG.bmpString:
      if (body.length % 2 !== 0) throw new DerError('BMPString');
      return bytes.swap16().toString('utf16le');
    case TAG.universalString:
      return utf32(body);
    default:
      return undefined;
  }
}

interface ReadAttribute {
  oid: string;
  text: string | undefined;
  value: DerElement;
}

/** Decodes a name into attributes, grouped by relative distinguished name. @throws DerError */
export function readName(der: Uint8Array): ReadAttribute[][] {
  return readChildren(readDer(der, TAG.sequence).body).map((rdn) => {
    const attributes = readChildren(expectTag(rdn, TAG.set).body).map((pair) => {
      const [type, value, ...rest] = readChildren(expectTag(pair, TAG.sequence).body);
      if (value === undefined || rest.length > 0) throw new DerError('attribute');
      return { oid: readOid(type), text: textOf(value), value };
    });
    if (attributes.length === 0) throw new DerError('empty RDN');
    return attributes;
  });
}

/** Returns CredHub's subject fields of a name, each with its first value. */
export function subjectFields(name: readonly (readonly ReadAttribute[])[]): SubjectFields {
  const attributes = name.flat();
  const fields: SubjectFields = {};
  for (const [field, type] of FIELDS) {
    const text = attributes.find((candidate) => candidate.oid === type)?.text;
    if (text !== undefined) fields[field] = text;
  }
  return fields;
}

function canonicalValue({ text, value }: ReadAttribute): string {
  return text === undefined
    ? `#${hexOf(value.der)}`
    : `=${text.normalize('NFC').toLowerCase().trim().replace(/\s+/g, ' ')}`;
}

/**
 * Returns a key that is equal for equal X.500 names. The comparison ignores case, surrounding and repeated white space,
 * string type (RFC 5280, 7.1) and order (docs/reference/credhub-server.md#converge).
 */
export function nameKey(name: readonly (readonly ReadAttribute[])[]): string {
  const rdns = name.map((attributes) =>
    JSON.stringify(attributes.map((item) => item.oid + canonicalValue(item)).sort()),
  );
  return JSON.stringify(rdns.sort());
}
