/** Large values as JSON, in UTF-8, without the whole of a text standing in memory a second and a third time. */
import { type Secret, secret } from '../secret.ts';
import { jsonText } from './text.ts';
import { JsonArray, type JsonNode, JsonObject } from './tree.ts';

/** Characters of one text. */
const LARGE = 256 * 1024;
const PIECE = 64 * 1024;

/** The JSON text of a value, as `jsonText` writes it. */
export const jsonSecret = (node: JsonNode): Secret =>
  secret(hasLargeText(node) ? jsonBytes(node) : typeof node === 'string' ? JSON.stringify(node) : jsonText(node));

function hasLargeText(node: JsonNode): boolean {
  if (typeof node === 'string') return node.length > LARGE;
  if (node instanceof JsonArray) return node.items.some(hasLargeText);
  if (!(node instanceof JsonObject)) return false;
  for (const child of node.entries.values()) if (hasLargeText(child)) return true;
  return false;
}

/** Returns what `jsonText` writes, in UTF-8. */
export function jsonBytes(node: JsonNode): Uint8Array {
  const sink = createSink();
  write(node, sink);
  return sink.bytes();
}

interface Sink {
  add(text: string): void;
  bytes(): Uint8Array;
}

function write(node: JsonNode, sink: Sink): void {
  if (typeof node === 'string' && node.length > PIECE) writeLarge(node, sink);
  else if (node instanceof JsonArray) {
    sink.add('[');
    for (const [n, item] of node.items.entries()) {
      if (n > 0) sink.add(',');
      write(item, sink);
    }
    sink.add(']');
  } else if (node instanceof JsonObject) {
    let separator = '{';
    for (const [key, value] of node.entries) {
      sink.add(`${separator}${jsonText(key)}:`);
      write(value, sink);
      separator = ',';
    }
    sink.add(separator === '{' ? '{}' : '}');
  } else sink.add(jsonText(node));
}

function writeLarge(text: string, sink: Sink): void {
  sink.add('"');
  for (let at = 0; at < text.length; ) {
    const end = endOfPiece(text, at + PIECE);
    sink.add(jsonText(text.slice(at, end)).slice(1, -1));
    at = end;
  }
  sink.add('"');
}

/** A surrogate pair stays in one piece. */
function endOfPiece(text: string, end: number): number {
  if (end >= text.length) return text.length;
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last <= 0xdbff ? end + 1 : end;
}

function createSink(): Sink {
  const encoder = new TextEncoder();
  const pieces: Uint8Array[] = [];
  let waiting = '';
  let size = 0;
  const flush = (): void => {
    const bytes = encoder.encode(waiting);
    pieces.push(bytes);
    size += bytes.length;
    waiting = '';
  };
  return {
    add(text) {
      waiting += text;
      if (waiting.length >= PIECE) flush();
    },
    bytes() {
      flush();
      const whole = new Uint8Array(size);
      let at = 0;
      for (const piece of pieces) {
        whole.set(piece, at);
        at += piece.length;
      }
      return whole;
    },
  };
}
