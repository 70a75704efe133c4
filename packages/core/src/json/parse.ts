/**
 * Parses JSON into a {@link JsonNode} tree, with the limits of CredHub's reader
 * (docs/reference/credhub-server.md#type-json, docs/reference/credhub-server.md#json): nesting of at most 500 and
 * numbers of at most 1,000 digits. A byte order mark is skipped. The last of several equal keys wins. A lone surrogate
 * becomes `?` in a text and is refused in a key. Everything else than one JSON value throws CredError `bad_request`:
 * trailing text, comments, invalid UTF-8, control characters in strings, a number too large for a double.
 */
import { CredError } from '../errors.ts';
import { checkNodes, type JsonLimits } from './nodes.ts';
import { JsonArray, type JsonNode, JsonNumber, JsonObject } from './tree.ts';

const MAX_DEPTH = 500;
const MAX_DIGITS = 1000;
/** Characters (recorded: http, "size: field name of 60000 characters"; Jackson's own limit). */
const MAX_KEY_LENGTH = 50_000;
/** Characters that {@link replaceLoneSurrogates} concatenates at a time. */
const CHUNK_LENGTH = 4096;
const QUESTION_MARK = 0x3f;

export interface Cursor {
  readonly text: string;
  readonly keepsSurrogates?: boolean | undefined;
  at: number;
  depth: number;
}

function refuse(): never {
  throw new CredError('bad_request');
}

export interface ParseOptions {
  /** Keeps lone surrogates, which `jsonText` writes as escapes. Only for documents that are returned and not stored. */
  readonly keepsSurrogates?: boolean | undefined;
}

/**
 * Parses a JSON document.
 * @throws CredError `bad_request`; `exceeds_maximum_size` for more than `limits.nodes` values, before parsing
 */
export function parseJson(source: Uint8Array | string, limits?: JsonLimits, options?: ParseOptions): JsonNode {
  if (limits !== undefined) checkNodes(source, limits);
  const cursor = cursorAt(source, options);
  const node = parseValue(cursor);
  skipBlanks(cursor);
  return cursor.at === cursor.text.length ? node : refuse();
}

/**
 * Returns a cursor at the start of a document, after any byte order mark.
 * @throws CredError `bad_request` for invalid UTF-8
 */
export function cursorAt(source: Uint8Array | string, options?: ParseOptions): Cursor {
  const text = decode(source);
  return { text, keepsSurrogates: options?.keepsSurrogates, at: text.charCodeAt(0) === 0xfeff ? 1 : 0, depth: 0 };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(source: Uint8Array | string): string {
  return typeof source === 'string' ? source : decodeUtf8(source);
}

/** Decodes UTF-8 strictly. @throws CredError `bad_request` for invalid UTF-8 */
export function decodeUtf8(source: Uint8Array): string {
  try {
    return utf8.decode(source);
  } catch {
    return refuse();
  }
}

function skipBlanks(cursor: Cursor): void {
  const { text } = cursor;
  for (;;) {
    const code = text.charCodeAt(cursor.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    cursor.at++;
  }
}

/** Parses the value at the cursor. @throws CredError `bad_request` */
export function parseValue(cursor: Cursor): JsonNode {
  skipBlanks(cursor);
  switch (cursor.text.charCodeAt(cursor.at)) {
    case 0x7b:
      return parseObject(cursor);
    case 0x5b:
      return parseArray(cursor);
    case 0x22:
      return parseText(cursor);
    case 0x74:
      return parseWord(cursor, 'true', true);
    case 0x66:
      return parseWord(cursor, 'false', false);
    case 0x6e:
      return parseWord(cursor, 'null', null);
    default:
      return parseNumber(cursor);
  }
}

function parseWord<T>(cursor: Cursor, word: string, value: T): T {
  if (!cursor.text.startsWith(word, cursor.at)) refuse();
  cursor.at += word.length;
  return value;
}

function parseObject(cursor: Cursor): JsonObject {
  const entries = new Map<string, JsonNode>();
  open(cursor);
  if (peek(cursor) === 0x7d) return close(cursor, new JsonObject(entries));
  for (;;) {
    const key = parseKey(cursor);
    entries.set(key, parseValue(cursor));
    const next = peek(cursor);
    if (next === 0x7d) return close(cursor, new JsonObject(entries));
    if (next !== 0x2c) refuse();
    cursor.at++;
  }
}

/** Parses a key and its colon. @throws CredError `bad_request` */
export function parseKey(cursor: Cursor): string {
  if (peek(cursor) !== 0x22) refuse();
  const key = parseString(cursor);
  if (key.length > MAX_KEY_LENGTH || !key.isWellFormed()) refuse();
  if (peek(cursor) !== 0x3a) refuse();
  cursor.at++;
  return key;
}

function parseArray(cursor: Cursor): JsonArray {
  const items: JsonNode[] = [];
  open(cursor);
  if (peek(cursor) === 0x5d) return close(cursor, new JsonArray(items));
  for (;;) {
    items.push(parseValue(cursor));
    const next = peek(cursor);
    if (next === 0x5d) return close(cursor, new JsonArray(items));
    if (next !== 0x2c) refuse();
    cursor.at++;
  }
}

/** Enters a list or object. @throws CredError `bad_request` when it is nested too deeply */
export function open(cursor: Cursor): void {
  cursor.at++;
  cursor.depth++;
  if (cursor.depth > MAX_DEPTH) refuse();
}

/** Leaves a list or object and returns `node`. */
export function close<T>(cursor: Cursor, node: T): T {
  cursor.at++;
  cursor.depth--;
  return node;
}

/** Skips white space and returns the next character code; `NaN` at the end of the text. */
export function peek(cursor: Cursor): number {
  skipBlanks(cursor);
  return cursor.text.charCodeAt(cursor.at);
}

function parseText(cursor: Cursor): string {
  const value = parseString(cursor);
  return cursor.keepsSurrogates ? value : wellFormed(value);
}

function parseString(cursor: Cursor): string {
  const { text } = cursor;
  const start = cursor.at + 1;
  let escaped = false;
  for (let at = start; ; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      cursor.at = at + 1;
      return escaped ? readEscaped(text.slice(start - 1, at + 1)) : text.slice(start, at);
    }
    if (code === 0x5c) {
      escaped = true;
      at++;
    } else if (!(code >= 0x20)) {
      // A raw control character, or NaN at the end of the text.
      refuse();
    }
  }
}

/** Uses JSON.parse, because concatenating a text of sixteen million escapes piece by piece takes a gigabyte. */
function readEscaped(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return refuse();
  }
}

/** Replaces lone surrogates by `?` as CredHub does. `toWellFormed` would insert U+FFFD instead. */
function wellFormed(value: string): string {
  return value.isWellFormed() ? value : replaceLoneSurrogates(value);
}

function replaceLoneSurrogates(value: string): string {
  const pieces: string[] = [];
  let codes: number[] = [];
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if ((code & 0xf800) !== 0xd800) codes.push(code);
    else if (code < 0xdc00 && (value.charCodeAt(at + 1) & 0xfc00) === 0xdc00) codes.push(code, value.charCodeAt(++at));
    else codes.push(QUESTION_MARK);
    if (codes.length < CHUNK_LENGTH) continue;
    pieces.push(String.fromCharCode(...codes));
    codes = [];
  }
  return pieces.join('') + String.fromCharCode(...codes);
}

function parseNumber(cursor: Cursor): JsonNumber {
  const { text } = cursor;
  const start = cursor.at;
  let at = start;
  if (text.charCodeAt(at) === 0x2d) at++;
  const integer = digitsEnd(text, at);
  if (integer === at || (integer - at > 1 && text.charCodeAt(at) === 0x30)) refuse();
  let digits = integer - at;
  let isInteger = true;
  at = integer;
  if (text.charCodeAt(at) === 0x2e) {
    isInteger = false;
    const end = digitsEnd(text, at + 1);
    if (end === at + 1) refuse();
    digits += end - at - 1;
    at = end;
  }
  if ((text.charCodeAt(at) | 0x20) === 0x65) {
    isInteger = false;
    at++;
    const sign = text.charCodeAt(at);
    if (sign === 0x2b || sign === 0x2d) at++;
    const end = digitsEnd(text, at);
    if (end === at) refuse();
    digits += end - at;
    at = end;
  }
  if (digits > MAX_DIGITS) refuse();
  cursor.at = at;
  const source = text.slice(start, at);
  // CredHub stores the text "Infinity" for 1e400. We refuse it (docs/reference/divergences.md).
  if (!isInteger && !Number.isFinite(Number(source))) refuse();
  return new JsonNumber(source);
}

function digitsEnd(text: string, from: number): number {
  let at = from;
  while (isDigit(text.charCodeAt(at))) at++;
  return at;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
