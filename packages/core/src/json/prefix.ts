/** Parses the valid prefix of invalid JSON, so that the error of a field is reported before a later syntax error. */
import { CredError } from '../errors.ts';
import { type Cursor, close, open, peek } from './cursor.ts';
import { cursorAt } from './parse.ts';
import { readKey, readValue } from './reader.ts';
import { isJsonList, type JsonNode, JsonObject } from './tree.ts';

/** Bytes or characters. Longer texts are not parsed a second time. */
const MAX_PREFIX_LENGTH = 256 * 1024;

interface Prefix {
  readonly node: JsonNode;
  /** Whether the value is complete. */
  readonly isWhole: boolean;
}

/**
 * Parses the start of a text that is not valid JSON. Returns an object marked as {@link JsonObject.broken}, or a text,
 * number or boolean that is followed by other characters. Returns `undefined` for everything else, and for invalid
 * UTF-8. A broken object must be read with `readFields`, which refuses it if all of its fields are valid.
 */
export function parsePrefix(source: Uint8Array | string): JsonNode | undefined {
  const cursor = source.length > MAX_PREFIX_LENGTH ? undefined : attempt(() => cursorAt(source));
  const root = cursor && readPrefix(cursor);
  if (root === undefined) return undefined;
  const { node, isWhole } = root;
  if (node instanceof JsonObject) return isWhole ? new JsonObject(node.entries, 'after') : node;
  return node === null || isJsonList(node) ? undefined : node;
}

/** Returns `undefined` if not even the first token is valid. */
function readPrefix(cursor: Cursor): Prefix | undefined {
  const first = peek(cursor);
  if (first === 0x7b) return readObject(cursor);
  if (first === 0x5b) return readArray(cursor);
  const node = attempt(() => readValue(cursor));
  return node === undefined ? undefined : { node, isWhole: true };
}

function readObject(cursor: Cursor): Prefix {
  const entries = new Map<string, JsonNode>();
  const broken = (): Prefix => ({ node: new JsonObject(entries, 'inside'), isWhole: false });
  if (!opens(cursor)) return broken();
  if (peek(cursor) === 0x7d) return { node: close(cursor, new JsonObject(entries)), isWhole: true };
  for (;;) {
    const key = attempt(() => readKey(cursor));
    const value = key === undefined ? undefined : readPrefix(cursor);
    if (key === undefined || value === undefined) return broken();
    entries.set(key, value.node);
    const next = value.isWhole ? peek(cursor) : undefined;
    if (next === 0x7d) return { node: close(cursor, new JsonObject(entries)), isWhole: true };
    if (next !== 0x2c) return broken();
    cursor.at++;
  }
}

function readArray(cursor: Cursor): Prefix {
  const items: JsonNode[] = [];
  const broken = (): Prefix => ({ node: items, isWhole: false });
  if (!opens(cursor)) return broken();
  if (peek(cursor) === 0x5d) return { node: close(cursor, items), isWhole: true };
  for (;;) {
    const value = readPrefix(cursor);
    if (value === undefined) return broken();
    items.push(value.node);
    const next = value.isWhole ? peek(cursor) : undefined;
    if (next === 0x5d) return { node: close(cursor, items), isWhole: true };
    if (next !== 0x2c) return broken();
    cursor.at++;
  }
}

function opens(cursor: Cursor): boolean {
  return (
    attempt(() => {
      open(cursor);
      return true;
    }) === true
  );
}

/** Returns `undefined` where the parser throws. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof CredError) return undefined;
    throw error;
  }
}
