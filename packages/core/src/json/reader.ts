/**
 * Reads JSON (RFC 8259) into a tree without loss. The server and the command lines share it; each has its own rules:
 * limits, errors, and what becomes of half a surrogate pair.
 */
import { type Cursor, close, fail, isAtEnd, type JsonRules, open, peek, skipBlanks } from './cursor.ts';
import { readNumber, readString, readWord } from './scalars.ts';
import { type JsonNode, JsonObject } from './tree.ts';

const [QUOTE, COMMA, COLON] = [0x22, 0x2c, 0x3a];
const [LIST, LIST_END, OBJECT, OBJECT_END] = [0x5b, 0x5d, 0x7b, 0x7d];
const [LETTER_T, LETTER_F, LETTER_N] = [0x74, 0x66, 0x6e];

/** Returns a cursor at a place of a text. */
export function cursorIn(text: string, rules: JsonRules, at = 0): Cursor {
  return { text, rules, at, depth: 0 };
}

/** Reads a text that is one value. Throws what the rules throw. */
export function readJson(cursor: Cursor): JsonNode {
  const node = readValue(cursor);
  skipBlanks(cursor);
  return isAtEnd(cursor) ? node : fail(cursor, 'after top-level value');
}

/** Reads one value; the cursor is then behind it. */
export function readValue(cursor: Cursor): JsonNode {
  switch (peek(cursor)) {
    case OBJECT:
      return readObject(cursor);
    case LIST:
      return readList(cursor);
    case QUOTE:
      return cursor.rules.text(readString(cursor), cursor);
    case LETTER_T:
      return readWord(cursor, 'true', true);
    case LETTER_F:
      return readWord(cursor, 'false', false);
    case LETTER_N:
      return readWord(cursor, 'null', null);
    default:
      return readNumber(cursor);
  }
}

function readObject(cursor: Cursor): JsonObject {
  const entries = new Map<string, JsonNode>();
  open(cursor);
  if (peek(cursor) === OBJECT_END) return close(cursor, new JsonObject(entries));
  for (;;) {
    const key = readKey(cursor);
    entries.set(key, readValue(cursor));
    const next = peek(cursor);
    if (next === OBJECT_END) return close(cursor, new JsonObject(entries));
    if (next !== COMMA) fail(cursor, 'after object key:value pair');
    cursor.at++;
  }
}

/** Reads a key with its colon. */
export function readKey(cursor: Cursor): string {
  if (peek(cursor) !== QUOTE) fail(cursor, 'looking for beginning of object key string');
  const key = cursor.rules.key(readString(cursor), cursor);
  if (peek(cursor) !== COLON) fail(cursor, 'after object key');
  cursor.at++;
  return key;
}

function readList(cursor: Cursor): JsonNode[] {
  const items: JsonNode[] = [];
  open(cursor);
  if (peek(cursor) === LIST_END) return close(cursor, items);
  for (;;) {
    items.push(readValue(cursor));
    const next = peek(cursor);
    if (next === LIST_END) return close(cursor, items);
    if (next !== COMMA) fail(cursor, 'after array element');
    cursor.at++;
  }
}
