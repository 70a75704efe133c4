import {
  type Cursor,
  cursorIn,
  isAtEnd,
  type JsonRules,
  readJson,
  readValue,
  skipBlanks,
  TOO_DEEP,
} from '@credplex/core/json';
import type { Value } from './json-tree.ts';

/** Text that is no JSON. The message is the one that users of the original command line know. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

function wellFormed(text: string): string {
  return text.toWellFormed();
}

const RULES: JsonRules = {
  // Deeper than any server stores (docs/reference/credhub-server.md#type-json), and shallow enough for a recursive
  // reader and printer.
  maxDepth: 1001,
  refuse,
  key: wellFormed,
  text: wellFormed,
};

/**
 * Reads one JSON text. Of a key that is written twice the last value counts; half a surrogate pair becomes U+FFFD.
 * @throws JsonSyntaxError with the texts of Go (docs/reference/credhub-cli.md#json-output; `invalid character 'b'
 * looking for …`).
 */
export function parseJson(text: string): Value {
  return readJson(cursorIn(text, RULES));
}

/**
 * The first JSON value of a stream of them; what follows it is not looked at.
 * @throws JsonSyntaxError as parseJson, but `EOF` for nothing and `unexpected EOF` for a beginning.
 */
export function parseFirstJson(text: string): Value {
  const cursor = cursorIn(text, RULES);
  skipBlanks(cursor);
  if (isAtEnd(cursor)) throw new JsonSyntaxError('EOF');
  try {
    return readValue(cursor);
  } catch (error) {
    if (error instanceof JsonSyntaxError && isAtEnd(cursor)) throw new JsonSyntaxError('unexpected EOF');
    throw error;
  }
}

function refuse({ text, at }: Cursor, context: string): never {
  if (context === TOO_DEEP) throw new JsonSyntaxError('exceeded max depth');
  const code = text.codePointAt(at);
  // The original takes the end for a blank, and complains of that where no blank may stand.
  const noBlank = /^(in (?!string literal)|after decimal point)/.test(context);
  if (code === undefined && noBlank) throw new JsonSyntaxError(`invalid character ' ' ${context}`);
  if (code === undefined) throw new JsonSyntaxError('unexpected end of JSON input');
  throw new JsonSyntaxError(`invalid character ${quoteCharacter(code)} ${context}`);
}

const namedEscapes: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  39: "\\'",
  92: '\\\\',
};

/** The original reads bytes: of a character beyond ASCII it shows the first byte of its UTF-8 form as a character. */
function quoteCharacter(codePoint: number): string {
  const byte = new TextEncoder().encode(String.fromCodePoint(codePoint))[0] ?? 0;
  const hex = byte.toString(16).padStart(2, '0');
  const named = namedEscapes[byte];
  if (named !== undefined) return `'${named}'`;
  if (byte < 0x20 || byte === 0x7f) return `'\\x${hex}'`;
  if ((byte >= 0x80 && byte <= 0xa0) || byte === 0xad) return `'\\u00${hex}'`;
  return `'${String.fromCharCode(byte)}'`;
}
