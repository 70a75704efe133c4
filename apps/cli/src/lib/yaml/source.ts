import { isUtf8 } from 'node:buffer';
import { isAllowed, isBreak } from './characters.ts';
import { decodeCharacter, type EncodingFault, encodingOf } from './encoding.ts';
import { YamlEncodingError } from './syntax-error.ts';

/** The characters of a YAML file. */
export interface YamlSource {
  readonly text: string;
  /**
   * Where the reader of go-yaml fetches more bytes, in places of `text`: a fault is reported before the scanner sees
   * anything of its block. Empty when nothing depends on it.
   */
  readonly blockEnds: readonly number[];
  /** What is wrong behind the last block. */
  readonly fault?: YamlEncodingError;
}

// go-yaml decodes a file in blocks of this many bytes.
const BLOCK_BYTES = 512;

// YAML 1.1, 5.1; and the byte order mark, whose treatment depends on the blocks.
const NOT_PLAIN = /[^\t\n\r\x20-\x7e\x85\xa0-\ufefe\uff00-\ufffd]/;

/** The characters of a file, or of a text that is decoded already. */
export function sourceOf(file: string | Uint8Array): YamlSource {
  return decodeYaml(typeof file === 'string' ? Buffer.from(file) : file);
}

/** Decodes UTF-8, or UTF-16 with a byte order mark. Never throws: a fault counts only where the reader gets to it. */
function decodeYaml(bytes: Uint8Array): YamlSource {
  const { encoding, markLength } = encodingOf(bytes);
  if (encoding === 'utf-8' && isUtf8(bytes)) {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + markLength, bytes.length - markLength).toString('utf8');
    if (!NOT_PLAIN.test(text)) return { text, blockEnds: [] };
  }
  return decodeInBlocks(bytes, { encoding, markLength });
}

function decodeInBlocks(bytes: Uint8Array, { encoding, markLength }: ReturnType<typeof encodingOf>): YamlSource {
  const parts: string[] = [];
  const blockEnds: number[] = [];
  let part = '';
  let length = 0;
  let line = 1;
  let blockStart = 0;
  let at = markLength;
  const endBlock = (): void => {
    length += part.length;
    parts.push(part);
    blockEnds.push(length);
    part = '';
    blockStart = at;
  };
  const failed = ({ problem, offset }: EncodingFault): YamlSource => {
    const fault = new YamlEncodingError(problem, { offset, lineNumber: line });
    return { text: parts.join(''), blockEnds, fault };
  };
  while (at < bytes.length) {
    const character = decodeCharacter(bytes, at, encoding);
    if ('problem' in character) {
      // A character that is cut off is noticed when the block behind it turns out to be empty.
      if (character.cutOff === true) endBlock();
      return failed(character);
    }
    if (at + character.width > blockStart + BLOCK_BYTES) endBlock();
    if (!isAllowed(character.code)) {
      return failed({ problem: 'control characters are not allowed', offset: at });
    }
    if (isBreak(character.code) && !(character.code === 0x0a && part.endsWith('\r'))) line += 1;
    part += String.fromCodePoint(character.code);
    at += character.width;
  }
  endBlock();
  return { text: parts.join(''), blockEnds };
}
