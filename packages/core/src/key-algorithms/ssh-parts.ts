/** The parts that SSH builds its keys from (RFC 4251, 5): octets behind their length in four octets. */

export const textPart = (text: string): Buffer => Buffer.from(text, 'utf8');

export const isText = (part: Uint8Array | undefined, text: string): boolean =>
  part !== undefined && Buffer.from(part).toString('latin1') === text;

/** Octets of a member of a JSON Web Key. */
export const octetsOf = (base64url: string | undefined): Buffer => Buffer.from(base64url ?? '', 'base64url');

/** A non-negative mpint of a JSON Web Key's number: a leading zero keeps the first bit from being read as a sign. */
export function integerPart(base64url: string | undefined): Buffer {
  const octets = octetsOf(base64url);
  const first = octets.findIndex((octet) => octet !== 0);
  const significant = first < 0 ? Buffer.alloc(0) : octets.subarray(first);
  return (significant[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), significant]) : significant;
}

export const uint32 = (number: number): Buffer => {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(number);
  return octets;
};

export const encodeParts = (parts: readonly Uint8Array[]): Buffer =>
  Buffer.concat(parts.flatMap((part) => [uint32(part.length), part]));

/** The first parts of a blob; fewer where it ends too early. */
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

/** Bits of a non-negative mpint. */
export function bitLength(number: Uint8Array): number {
  const first = number.findIndex((octet) => octet !== 0);
  return first < 0 ? 0 : (number.length - first) * 8 - Math.clz32(number[first] ?? 0) + 24;
}
