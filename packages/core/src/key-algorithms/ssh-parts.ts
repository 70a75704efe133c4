/** SSH data types (RFC 4251, 5): each part is prefixed by its length in four octets. */

/** Encodes a string. */
export function textPart(text: string): Buffer {
  return Buffer.from(text, 'utf8');
}

/** Returns whether a part is the string `text`. */
export function isText(part: Uint8Array | undefined, text: string): boolean {
  return part !== undefined && Buffer.from(part).toString('latin1') === text;
}

/** Decodes a member of a JSON Web Key. */
export function octetsOf(base64url: string | undefined): Buffer {
  return Buffer.from(base64url ?? '', 'base64url');
}

/**
 * Encodes an integer of a JSON Web Key as a non-negative mpint. A leading zero keeps the first bit from being a sign.
 */
export function integerPart(base64url: string | undefined): Buffer {
  const octets = octetsOf(base64url);
  const first = octets.findIndex((octet) => octet !== 0);
  const significant = first < 0 ? Buffer.alloc(0) : octets.subarray(first);
  return (significant[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), significant]) : significant;
}

/** Encodes an unsigned 32-bit integer. */
export function uint32(number: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(number);
  return octets;
}

/** Concatenates parts, each with its length prefix. */
export function encodeParts(parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(parts.flatMap((part) => [uint32(part.length), part]));
}

/** Returns the first `count` parts of a blob; fewer if it is truncated. */
export function readParts(blob: Buffer, count: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; parts.length < count && at + 4 <= blob.length; ) {
    const length = blob.readUInt32BE(at);
    if (length > blob.length - at - 4) break;
    parts.push(blob.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return parts;
}

/** Returns the bit length of a non-negative mpint. */
export function bitLength(number: Uint8Array): number {
  const first = number.findIndex((octet) => octet !== 0);
  return first < 0 ? 0 : (number.length - first) * 8 - Math.clz32(number[first] ?? 0) + 24;
}
