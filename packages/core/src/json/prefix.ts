/** Reads as much of a text as is JSON, so that a fault of a field can be named before a fault of the text behind it. */
import { CredError } from '../errors.ts';
import { type Cursor, close, cursorAt, open, parseKey, parseValue, peek } from './parse.ts';
import { JsonArray, type JsonNode, JsonObject } from './tree.ts';

/** Bytes or characters. Longer texts are not worth parsing a second time. */
const MAX_PREFIX_LENGTH = 256 * 1024;

interface Prefix {
  readonly node: JsonNode;
  /** Whether the text goes on behind the value. */
  readonly isWhole: boolean;
}

/**
 * Returns the object that a text which is not JSON begins with, marked as {@link JsonObject.broken}, or a text, number or
 * boolean that something follows. `undefined` for everything else, and for bytes that are not UTF-8: nothing may take those for a body.
 * A broken object must be read by `readFields`, which refuses it when none of its fields has a fault.
 */
export function parsePrefix(source: Uint8Array | string): JsonNode | undefined {
  const cursor = source.length > MAX_PREFIX_LENGTH ? undefined : attempt(() => cursorAt(source));
  const root = cursor && readValue(cursor);
  if (root === undefined) return undefined;
  const { node, isWhole } = root;
  if (node instanceof JsonObject) return isWhole ? new JsonObject(node.entries, 'after') : node;
  return node === null || node instanceof JsonArray ? undefined : node;
}

/** `undefined`: not even the first token can be read. */
function readValue(cursor: Cursor): Prefix | undefined {
  const first = peek(cursor);
  if (first === 0x7b) return readObject(cursor);
  if (first === 0x5b) return readArray(cursor);
  const node = attempt(() => parseValue(cursor));
  return node === undefined ? undefined : { node, isWhole: true };
}

function readObject(cursor: Cursor): Prefix {
  const entries = new Map<string, JsonNode>();
  const broken = (): Prefix => ({ node: new JsonObject(entries, 'inside'), isWhole: false });
  if (!opens(cursor)) return broken();
  if (peek(cursor) === 0x7d) return { node: close(cursor, new JsonObject(entries)), isWhole: true };
  for (;;) {
    const key = attempt(() => parseKey(cursor));
    const value = key === undefined ? undefined : readValue(cursor);
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
  const broken = (): Prefix => ({ node: new JsonArray(items), isWhole: false });
  if (!opens(cursor)) return broken();
  if (peek(cursor) === 0x5d) return { node: close(cursor, new JsonArray(items)), isWhole: true };
  for (;;) {
    const value = readValue(cursor);
    if (value === undefined) return broken();
    items.push(value.node);
    const next = value.isWhole ? peek(cursor) : undefined;
    if (next === 0x5d) return { node: close(cursor, new JsonArray(items)), isWhole: true };
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

/** `undefined` for what the parser refuses. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof CredError) return undefined;
    throw error;
  }
}
