import { BACKSLASH, DOUBLE_QUOTE, END, hexValue, isBlank, isBlankOrEnd, isBreak, SINGLE_QUOTE } from './characters.ts';
import type { Cursor } from './cursor.ts';
import { LineFolder } from './line-folder.ts';

/** Reads a text between quotes. Its further lines may begin in any column. */
export function scanQuoted(cursor: Cursor, quote: typeof SINGLE_QUOTE | typeof DOUBLE_QUOTE): string {
  const folder = new LineFolder();
  const parts: string[] = [];
  cursor.skip();
  for (;;) {
    cursor.need(4);
    if (cursor.atDocumentMarker()) throw cursor.error('found unexpected document indicator');
    if (cursor.current === END) throw cursor.error('found unexpected end of stream');
    let broken = scanWord(cursor, quote, parts);
    cursor.need(1);
    if (cursor.current === quote) break;
    const blanksFrom = cursor.pos;
    let blanksTo = blanksFrom;
    const escapedBreak = broken;
    for (let code = cursor.current; isBlank(code) || isBreak(code); code = cursor.current) {
      if (isBlank(code)) {
        cursor.skip();
        if (!broken) blanksTo = cursor.pos;
      } else {
        cursor.need(2);
        if (escapedBreak) folder.addFurther(cursor.readBreak());
        else folder.add(cursor.readBreak());
        broken = true;
      }
      cursor.need(1);
    }
    parts.push(broken ? folder.fold() : cursor.text.slice(blanksFrom, blanksTo));
  }
  cursor.skip();
  return parts.join('');
}

/** Reads up to a blank, a line break or the closing quote. Returns whether it ended with an escaped line break. */
function scanWord(cursor: Cursor, quote: number, parts: string[]): boolean {
  let start = cursor.pos;
  const flush = (): void => {
    if (cursor.pos > start) parts.push(cursor.text.slice(start, cursor.pos));
  };
  for (let code = cursor.current; !isBlankOrEnd(code); code = cursor.current) {
    if (code === quote) {
      if (quote !== SINGLE_QUOTE || cursor.at(1) !== SINGLE_QUOTE) break;
      flush();
      parts.push("'");
      cursor.skipMany(2);
      start = cursor.pos;
    } else if (code === BACKSLASH && quote === DOUBLE_QUOTE) {
      flush();
      if (isBreak(cursor.at(1))) {
        cursor.need(3);
        cursor.skip();
        cursor.readBreak();
        return true;
      }
      parts.push(scanEscape(cursor));
      start = cursor.pos;
    } else cursor.skip();
    cursor.need(2);
  }
  flush();
  return false;
}

const ESCAPES: Readonly<Record<string, string>> = {
  0: '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};

const CODE_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function scanEscape(cursor: Cursor): string {
  const letter = cursor.text.charAt(cursor.pos + 1);
  const escaped = ESCAPES[letter];
  const length = CODE_LENGTHS[letter] ?? 0;
  if (escaped === undefined && length === 0) throw cursor.error('found unknown escape character');
  cursor.skipMany(2);
  if (escaped !== undefined) return escaped;
  cursor.need(length);
  let code = 0;
  for (let index = 0; index < length; index++) {
    const digit = hexValue(cursor.at(index));
    if (digit < 0) throw cursor.error('did not find expected hexdecimal number');
    code = code * 16 + digit;
  }
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
    throw cursor.error('found invalid Unicode character escape code');
  }
  cursor.skipMany(length);
  return String.fromCodePoint(code);
}
