/** Character encodings of a YAML file. UTF-16 needs a byte order mark. */
type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

export interface EncodingFault {
  readonly problem: string;
  /** In bytes from the beginning of the file. */
  readonly offset: number;
  /** The file ends inside a character. */
  readonly cutOff?: boolean;
}

interface DecodedCharacter {
  readonly code: number;
  /** In bytes. */
  readonly width: number;
}

/** Returns the encoding that the first bytes tell, and the length of their byte order mark. */
export function encodingOf(bytes: Uint8Array): { encoding: Encoding; markLength: number } {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { encoding: 'utf-16le', markLength: 2 };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { encoding: 'utf-16be', markLength: 2 };
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return { encoding: 'utf-8', markLength: marked ? 3 : 0 };
}

/** Decodes one character. The faults are named as go-yaml names them. */
export function decodeCharacter(bytes: Uint8Array, at: number, encoding: Encoding): DecodedCharacter | EncodingFault {
  return encoding === 'utf-8' ? decodeUtf8(bytes, at) : decodeUtf16(bytes, at, encoding === 'utf-16be');
}

/** RFC 3629, section 4. */
function decodeUtf8(bytes: Uint8Array, offset: number): DecodedCharacter | EncodingFault {
  const lead = bytes[offset] ?? 0;
  const width = utf8Width(lead);
  if (width === 0) return { problem: 'invalid leading UTF-8 octet', offset };
  if (offset + width > bytes.length) return { problem: 'incomplete UTF-8 octet sequence', offset, cutOff: true };
  let code = width === 1 ? lead : lead & (0x7f >> width);
  for (let index = 1; index < width; index++) {
    const octet = bytes[offset + index] ?? 0;
    if ((octet & 0xc0) !== 0x80) return { problem: 'invalid trailing UTF-8 octet', offset: offset + index };
    code = code * 64 + (octet & 0x3f);
  }
  const smallest = [0, 0, 0x80, 0x800, 0x10000][width] ?? 0;
  if (code < smallest) return { problem: 'invalid length of a UTF-8 sequence', offset };
  const outside = (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff;
  return outside ? { problem: 'invalid Unicode character', offset } : { code, width };
}

/** Returns the length of a UTF-8 sequence by its first byte; 0 when no sequence begins with it. */
export function utf8Width(lead: number): number {
  if (lead < 0x80) return 1;
  if ((lead & 0xe0) === 0xc0) return 2;
  if ((lead & 0xf0) === 0xe0) return 3;
  return (lead & 0xf8) === 0xf0 ? 4 : 0;
}

/** RFC 2781, section 2.2. */
function decodeUtf16(bytes: Uint8Array, offset: number, bigEndian: boolean): DecodedCharacter | EncodingFault {
  const unit = (at: number): number => {
    const [first = 0, second = 0] = bytes.subarray(at, at + 2);
    return bigEndian ? first * 256 + second : second * 256 + first;
  };
  if (offset + 2 > bytes.length) return { problem: 'incomplete UTF-16 character', offset, cutOff: true };
  const high = unit(offset);
  if ((high & 0xfc00) === 0xdc00) return { problem: 'unexpected low surrogate area', offset };
  if ((high & 0xfc00) !== 0xd800) return { code: high, width: 2 };
  if (offset + 4 > bytes.length) return { problem: 'incomplete UTF-16 surrogate pair', offset, cutOff: true };
  const low = unit(offset + 2);
  if ((low & 0xfc00) !== 0xdc00) return { problem: 'expected low surrogate area', offset: offset + 2 };
  return { code: 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff), width: 4 };
}
