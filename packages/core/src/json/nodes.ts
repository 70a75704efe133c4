/**
 * Counts the values of a JSON text without building a tree: a request can contain a list of fifteen million zeros,
 * whose tree would take gigabytes.
 */
import { CredError } from '../errors.ts';

export interface JsonLimits {
  /** Maximum number of values in a document. Each scalar, list and object counts as one; keys do not count. */
  readonly nodes: number;
}

const [QUOTE, COMMA, BACKSLASH] = [0x22, 0x2c, 0x5c];
const [LIST, LIST_END, OBJECT, OBJECT_END] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Refuses a text with too many values. @throws CredError `exceeds_maximum_size` */
export function checkNodes(source: Uint8Array | string, { nodes }: JsonLimits): void {
  // A value takes at least two characters including its comma or bracket, so a short text need not be scanned.
  if (source.length < 2 * nodes) return;
  if (countNodes(source, nodes) > nodes) throw new CredError('exceeds_maximum_size');
}

/**
 * Returns the number of values in a JSON text, or any number above `limit` once that is exceeded. For invalid JSON,
 * which the parser refuses later, the number is an estimate.
 */
export function countNodes(source: Uint8Array | string, limit: number): number {
  const codeAt =
    typeof source === 'string' ? (at: number) => source.charCodeAt(at) : (at: number) => source[at] ?? QUOTE;
  const { length } = source;
  let count = 1;
  let isAfterOpening = false;
  for (let at = 0; at < length && count <= limit; at++) {
    const code = codeAt(at);
    if (code <= 0x20) continue;
    if (isAfterOpening && code !== LIST_END && code !== OBJECT_END) count++;
    isAfterOpening = code === LIST || code === OBJECT;
    if (code === COMMA) count++;
    if (code === QUOTE) {
      for (at++; at < length && codeAt(at) !== QUOTE; at++) if (codeAt(at) === BACKSLASH) at++;
    }
  }
  return count;
}
