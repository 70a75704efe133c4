/**
 * A minimal DER reader for X.509. It decodes one level per call, so that the cost of hostile input is linear in its
 * size, whatever its depth or lengths. It returns the original bytes, so that names can be copied exactly. Only
 * definite lengths are accepted, as DER requires (X.690, 10.1).
 */

/** Malformed DER. Internal to this package: the functions of the port convert it into a PkiError. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

export interface DerElement {
  /** The identifier octet: class, constructed bit and number. */
  tag: number;
  body: Uint8Array;
  /** Header and body. */
  der: Uint8Array;
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

function readAt(bytes: Uint8Array, at: number): DerElement {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) throw new DerError('cut off in a header');
  if ((tag & 0x1f) === 0x1f) throw new DerError('tag number of several octets');
  let start = at + 2;
  let length = first;
  if (first >= 0x80) {
    const octets = first & 0x7f;
    // Four octets are enough for any request body. More octets, or none (an indefinite length), are refused.
    if (octets === 0 || octets > 4) throw new DerError('length');
    length = 0;
    for (let i = 0; i < octets; i++) {
      const octet = bytes[start + i];
      if (octet === undefined) throw new DerError('cut off in a length');
      length = length * 256 + octet;
    }
    start += octets;
  }
  const end = start + length;
  if (end > bytes.length) throw new DerError('cut off in a value');
  return { tag, body: bytes.subarray(start, end), der: bytes.subarray(at, end) };
}

/** Reads the single element that fills `bytes`, and checks its tag if one is given. @throws DerError */
export function readDer(bytes: Uint8Array, tag?: number): DerElement {
  const element = readAt(bytes, 0);
  if (element.der.length !== bytes.length) throw new DerError('bytes after the value');
  return tag === undefined ? element : expectTag(element, tag);
}

/** Reads the elements of a constructed value. @throws DerError */
export function readChildren(body: Uint8Array): DerElement[] {
  const children: DerElement[] = [];
  for (let at = 0; at < body.length; ) {
    const element = readAt(body, at);
    children.push(element);
    at += element.der.length;
  }
  return children;
}

/** Returns the element. @throws DerError if it is missing or has another tag */
export function expectTag(element: DerElement | undefined, tag: number): DerElement {
  if (element?.tag !== tag) throw new DerError('unexpected tag');
  return element;
}

/** Returns bytes in hexadecimal. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Reads the content of an OBJECT IDENTIFIER in hexadecimal, the form of {@link OID}. @throws DerError */
export function readOid(element: DerElement | undefined): string {
  return hexOf(expectTag(element, TAG.oid).body);
}

/** Reads a BIT STRING; `unused` is the number of unused bits in the last octet. @throws DerError */
export function readBitString(element: DerElement | undefined): { bits: Uint8Array; unused: number } {
  const { body } = expectTag(element, TAG.bitString);
  const unused = body[0];
  if (unused === undefined || unused > 7 || (unused > 0 && body.length === 1)) throw new DerError('bit string');
  return { bits: body.subarray(1), unused };
}

/** Returns the bit length of a non-negative INTEGER. @throws DerError */
export function integerBits(element: DerElement | undefined): number {
  const { body } = expectTag(element, TAG.integer);
  const lead = body.findIndex((octet) => octet !== 0);
  if (lead === -1) return 0;
  return (body.length - lead - 1) * 8 + (32 - Math.clz32(body[lead] ?? 0));
}

function ascii(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

const TIME = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?(?:\.\d+)?(?:Z|([+-])(\d{2})(\d{2}))$/;

/** Reads UTCTime or GeneralizedTime, truncated to seconds. Accepts missing seconds and offsets of old encoders. */
export function readTime(element: DerElement | undefined): Date {
  if (element?.tag !== TAG.utcTime && element?.tag !== TAG.generalizedTime) throw new DerError('time');
  const match = TIME.exec(element.body.length > 40 ? '' : ascii(element.body));
  const yearText = match?.[1];
  if (!match || yearText === undefined || (yearText.length === 2) !== (element.tag === TAG.utcTime)) {
    throw new DerError('time');
  }
  let year = Number(yearText);
  // RFC 5280 4.1.2.5.1: two digits mean 1950 to 2049.
  if (element.tag === TAG.utcTime) year += year >= 50 ? 1900 : 2000;
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(2, 7).map((part) => Number(part ?? 0));
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || date.getUTCHours() !== hour) {
    throw new DerError('time');
  }
  const sign = match[7];
  if (sign !== undefined) {
    const offset = (Number(match[8]) * 60 + Number(match[9])) * 60_000;
    date.setTime(date.getTime() + (sign === '+' ? -offset : offset));
  }
  return date;
}
