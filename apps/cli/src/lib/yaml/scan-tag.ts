import { EXCLAMATION, hexValue, isBlankOrEnd, isWord, PERCENT } from './characters.ts';
import type { Cursor } from './cursor.ts';
import { utf8Width } from './encoding.ts';

interface Tag {
  /** `!`, `!!` or `!name!`; empty for a tag that is complete in itself. */
  readonly handle: string;
  readonly suffix: string;
}

/** Reads `!<uri>`, `!suffix`, `!handle!suffix` or `!`. */
export function scanTag(cursor: Cursor): Tag {
  cursor.need(2);
  const tag = cursor.text.charAt(cursor.pos + 1) === '<' ? scanVerbatim(cursor) : scanShorthand(cursor);
  cursor.need(1);
  if (!isBlankOrEnd(cursor.current)) throw cursor.error('did not find expected whitespace or line break');
  return tag;
}

function scanVerbatim(cursor: Cursor): Tag {
  cursor.skipMany(2);
  const suffix = scanTagUri(cursor, '');
  if (cursor.text.charAt(cursor.pos) !== '>') throw cursor.error("did not find the expected '>'");
  cursor.skip();
  return { handle: '', suffix };
}

function scanShorthand(cursor: Cursor): Tag {
  const handle = scanTagHandle(cursor, { inDirective: false });
  if (handle.length > 1 && handle.endsWith('!')) return { handle, suffix: scanTagUri(cursor, '') };
  const suffix = scanTagUri(cursor, handle);
  return suffix === '' ? { handle: '', suffix: '!' } : { handle: '!', suffix };
}

export function scanTagHandle(cursor: Cursor, { inDirective }: { inDirective: boolean }): string {
  cursor.need(1);
  if (cursor.current !== EXCLAMATION) throw cursor.error("did not find expected '!'");
  cursor.skip();
  const handle = `!${scanWord(cursor)}`;
  if (cursor.current === EXCLAMATION) {
    cursor.skip();
    return `${handle}!`;
  }
  if (inDirective && handle !== '!') throw cursor.error("did not find expected '!'");
  return handle;
}

/** Reads the name of an anchor or an alias, with the indicator before it. */
export function scanAnchor(cursor: Cursor): string {
  cursor.skip();
  const name = scanWord(cursor);
  const ended = isBlankOrEnd(cursor.current) || '?:,]}%@`'.includes(cursor.text.charAt(cursor.pos));
  if (name === '' || !ended) throw cursor.error('did not find expected alphabetic or numeric character');
  return name;
}

/** Reads letters, digits, `_` and `-`. */
export function scanWord(cursor: Cursor): string {
  cursor.need(1);
  const start = cursor.pos;
  while (isWord(cursor.current)) {
    cursor.skip();
    cursor.need(1);
  }
  return cursor.text.slice(start, cursor.pos);
}

const URI_CHARACTERS = ";/?:@&=+$,.!~*'()[]";

/** Reads a URI, or its rest after a head whose `!` does not count. */
export function scanTagUri(cursor: Cursor, head: string): string {
  let uri = head.slice(1);
  let found = head !== '';
  cursor.need(1);
  for (;;) {
    if (cursor.current === PERCENT) uri += scanUriEscape(cursor);
    else if (
      isWord(cursor.current) ||
      (cursor.current !== 0 && URI_CHARACTERS.includes(cursor.text.charAt(cursor.pos)))
    ) {
      uri += cursor.text.charAt(cursor.pos);
      cursor.skip();
    } else break;
    cursor.need(1);
    found = true;
  }
  if (!found) throw cursor.error('did not find expected tag URI');
  return uri;
}

/** Reads the octets of one character. */
function scanUriEscape(cursor: Cursor): string {
  const octets: number[] = [];
  let width = 1;
  do {
    cursor.need(3);
    const octet = hexValue(cursor.at(1)) * 16 + hexValue(cursor.at(2));
    const escaped = cursor.current === PERCENT && hexValue(cursor.at(1)) >= 0 && hexValue(cursor.at(2)) >= 0;
    if (!escaped) throw cursor.error('did not find URI escaped octet');
    if (octets.length === 0) {
      width = utf8Width(octet);
      if (width === 0) throw cursor.error('found an incorrect leading UTF-8 octet');
    } else if ((octet & 0xc0) !== 0x80) throw cursor.error('found an incorrect trailing UTF-8 octet');
    octets.push(octet);
    cursor.skipMany(3);
  } while (octets.length < width);
  return Buffer.from(octets).toString('utf8');
}
