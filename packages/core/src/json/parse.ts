/**
 * Parses JSON into a {@link JsonNode} tree, with the limits of CredHub's reader
 * (docs/reference/credhub-server.md#type-json, docs/reference/credhub-server.md#json): nesting of at most 500 and
 * numbers of at most 1,000 digits. A byte order mark is skipped. The last of several equal keys wins. A lone surrogate
 * becomes `?` in a text and is refused in a key. Everything else than one JSON value throws CredError `bad_request`:
 * trailing text, comments, invalid UTF-8, control characters in strings, a number too large for a double.
 */
import { CredError } from '../errors.ts';
import type { Cursor, JsonRules } from './cursor.ts';
import { checkNodes, type JsonLimits } from './nodes.ts';
import { cursorIn, readJson } from './reader.ts';
import { isDigit } from './scalars.ts';
import type { JsonNode } from './tree.ts';

const MAX_DEPTH = 500;
const MAX_DIGITS = 1000;
/** Characters (recorded: http, "size: field name of 60000 characters"; Jackson's own limit). */
const MAX_KEY_LENGTH = 50_000;
/** Characters that {@link replaceLoneSurrogates} concatenates at a time. */
const CHUNK_LENGTH = 4096;
const QUESTION_MARK = 0x3f;
const BYTE_ORDER_MARK = 0xfeff;

function refuse(): never {
  throw new CredError('bad_request');
}

export interface ParseOptions {
  /** Keeps lone surrogates, which `jsonText` writes as escapes. Only for documents that are returned and not stored. */
  readonly keepsSurrogates?: boolean | undefined;
}

const RULES: JsonRules = {
  maxDepth: MAX_DEPTH,
  refuse,
  key: (key) => (key.length > MAX_KEY_LENGTH || !key.isWellFormed() ? refuse() : key),
  text: wellFormed,
  checkNumber,
};
const RULES_KEEPING_SURROGATES: JsonRules = { ...RULES, text: (text) => text };

/**
 * Parses a JSON document.
 * @throws CredError `bad_request`; `exceeds_maximum_size` for more than `limits.nodes` values, before parsing
 */
export function parseJson(source: Uint8Array | string, limits?: JsonLimits, options?: ParseOptions): JsonNode {
  if (limits !== undefined) checkNodes(source, limits);
  return readJson(cursorAt(source, options));
}

/**
 * Returns a cursor at the start of a document, after any byte order mark.
 * @throws CredError `bad_request` for invalid UTF-8
 */
export function cursorAt(source: Uint8Array | string, options?: ParseOptions): Cursor {
  const text = typeof source === 'string' ? source : decodeUtf8(source);
  const rules = options?.keepsSurrogates ? RULES_KEEPING_SURROGATES : RULES;
  return cursorIn(text, rules, text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes UTF-8 strictly. @throws CredError `bad_request` for invalid UTF-8 */
export function decodeUtf8(source: Uint8Array): string {
  try {
    return utf8.decode(source);
  } catch {
    return refuse();
  }
}

/** CredHub stores the text "Infinity" for 1e400. We refuse it (docs/reference/divergences.md). */
function checkNumber(number: string, { text, at }: Cursor): void {
  // RFC 8259, section 6: a number does not begin with a zero that other digits follow.
  if (isDigit(text.charCodeAt(at))) refuse();
  if (number.length > MAX_DIGITS && number.replace(/[^0-9]/g, '').length > MAX_DIGITS) refuse();
  if (!Number.isFinite(Number(number)) && !/^-?[0-9]+$/.test(number)) refuse();
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
