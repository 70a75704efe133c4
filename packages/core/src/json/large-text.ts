/** Writes large values as JSON in UTF-8, without further copies of a long text in memory. */
import { type Secret, secret } from '../secret.ts';
import { jsonText } from './text.ts';
import { isJsonList, type JsonNode, JsonObject } from './tree.ts';

/** Characters. A value with a longer text is written as bytes. */
const LARGE_TEXT_LENGTH = 256 * 1024;
const CHUNK_LENGTH = 64 * 1024;

/** Returns the JSON text of a value as a secret. */
export function jsonSecret(node: JsonNode): Secret {
  return secret(
    hasLargeText(node) ? jsonBytes(node) : typeof node === 'string' ? JSON.stringify(node) : jsonText(node),
  );
}

function hasLargeText(node: JsonNode): boolean {
  if (typeof node === 'string') return node.length > LARGE_TEXT_LENGTH;
  if (isJsonList(node)) return node.some(hasLargeText);
  if (!(node instanceof JsonObject)) return false;
  for (const child of node.entries.values()) if (hasLargeText(child)) return true;
  return false;
}

/** Returns the result of `jsonText` in UTF-8. A first pass measures the size, so that only the result is allocated. */
export function jsonBytes(node: JsonNode): Uint8Array {
  let size = 0;
  write(node, (text) => {
    size += Buffer.byteLength(text);
  });
  const encoder = new TextEncoder();
  const bytes = new Uint8Array(size);
  let at = 0;
  write(node, (text) => {
    at += encoder.encodeInto(text, bytes.subarray(at)).written;
  });
  return bytes;
}

type Add = (text: string) => void;

function write(node: JsonNode, add: Add): void {
  if (typeof node === 'string' && node.length > CHUNK_LENGTH) writeLarge(node, add);
  else if (isJsonList(node)) {
    add('[');
    for (const [n, item] of node.entries()) {
      if (n > 0) add(',');
      write(item, add);
    }
    add(']');
  } else if (node instanceof JsonObject) {
    let separator = '{';
    for (const [key, value] of node.entries) {
      add(`${separator}${jsonText(key)}:`);
      write(value, add);
      separator = ',';
    }
    add(separator === '{' ? '{}' : '}');
  } else add(jsonText(node));
}

function writeLarge(text: string, add: Add): void {
  add('"');
  for (let at = 0; at < text.length; ) {
    const end = chunkEnd(text, at + CHUNK_LENGTH);
    add(jsonText(text.slice(at, end)).slice(1, -1));
    at = end;
  }
  add('"');
}

/** Returns the end of a chunk, moved so that it does not split a surrogate pair. */
function chunkEnd(text: string, end: number): number {
  if (end >= text.length) return text.length;
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last <= 0xdbff ? end + 1 : end;
}
