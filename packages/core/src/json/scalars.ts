/** Reads the values of JSON that hold no others (RFC 8259, sections 3, 6 and 7). */
import { type Cursor, fail, failAt, take } from './cursor.ts';
import { JsonNumber } from './tree.ts';

const [QUOTE, BACKSLASH, LETTER_U] = [0x22, 0x5c, 0x75];
const [PLUS, MINUS, POINT, ZERO, LOWER_E, UPPER_E] = [0x2b, 0x2d, 0x2e, 0x30, 0x65, 0x45];
/** What may follow a backslash, apart from `u`. */
const ESCAPED = new Set(Array.from('"\\/bfnrt', (letter) => letter.charCodeAt(0)));

/** Returns what stands between the quotes, which may hold half a surrogate pair. */
export function readString(cursor: Cursor): string {
  const { text, at: start } = cursor;
  let hasEscapes = false;
  for (let at = start + 1; ; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      cursor.at = at + 1;
      // The engine's own parser: a text of sixteen million escapes, put together piece by piece, takes a gigabyte.
      return hasEscapes ? (JSON.parse(text.slice(start, at + 1)) as string) : text.slice(start + 1, at);
    }
    if (code === BACKSLASH) {
      hasEscapes = true;
      at = endOfEscape(cursor, at + 1);
    } else if (!(code >= 0x20)) {
      // A raw control character, or NaN at the end of the text.
      failAt(cursor, at, 'in string literal');
    }
  }
}

/** Returns the place of the last character of an escape. */
function endOfEscape(cursor: Cursor, at: number): number {
  const code = cursor.text.charCodeAt(at);
  if (code !== LETTER_U) return ESCAPED.has(code) ? at : failAt(cursor, at, 'in string escape code');
  for (let digit = at + 1; digit <= at + 4; digit++) {
    if (!isHexDigit(cursor.text.charCodeAt(digit))) failAt(cursor, digit, 'in \\u hexadecimal character escape');
  }
  return at + 4;
}

/** Reads a number that keeps its spelling. Whatever else begins no value is refused here. */
export function readNumber(cursor: Cursor): JsonNumber {
  const start = cursor.at;
  const isNegative = take(cursor, MINUS);
  if (!take(cursor, ZERO) && !skipDigits(cursor)) {
    fail(cursor, isNegative ? 'in numeric literal' : 'looking for beginning of value');
  }
  if (take(cursor, POINT) && !skipDigits(cursor)) fail(cursor, 'after decimal point in numeric literal');
  if (take(cursor, LOWER_E) || take(cursor, UPPER_E)) {
    if (!take(cursor, PLUS)) take(cursor, MINUS);
    if (!skipDigits(cursor)) fail(cursor, 'in exponent of numeric literal');
  }
  const text = cursor.text.slice(start, cursor.at);
  cursor.rules.checkNumber?.(text, cursor);
  return new JsonNumber(text);
}

/** Reads `true`, `false` or `null`. */
export function readWord<T>(cursor: Cursor, word: string, value: T): T {
  for (const letter of word) {
    if (!take(cursor, letter.charCodeAt(0))) fail(cursor, `in literal ${word} (expecting '${letter}')`);
  }
  return value;
}

/** Returns whether there was one. */
function skipDigits(cursor: Cursor): boolean {
  const { text, at: start } = cursor;
  let at = start;
  while (isDigit(text.charCodeAt(at))) at++;
  cursor.at = at;
  return at > start;
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isHexDigit(code: number): boolean {
  const lower = code | 0x20;
  return isDigit(code) || (lower >= 0x61 && lower <= 0x66);
}
