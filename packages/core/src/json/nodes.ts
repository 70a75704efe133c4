/**
 * Counts the values of a JSON text without building any: a list of fifteen million zeros fits into a request, and its tree
 * would take gigabytes.
 */
import { CredError } from '../errors.ts';

export interface JsonLimits {
  /** Values in one document; each scalar, list and object counts one, keys count nothing. */
  readonly nodes: number;
}

const [QUOTE, COMMA, BACKSLASH] = [0x22, 0x2c, 0x5c];
const [LIST, LIST_END, OBJECT, OBJECT_END] = [0x5b, 0x5d, 0x7b, 0x7d];

/** @throws CredError `exceeds_maximum_size` */
export function checkNodes(source: Uint8Array | string, { nodes }: JsonLimits): void {
  // Each value takes two characters at least, a bracket or comma counted in: a short text needs no look.
  if (source.length < 2 * nodes) return;
  if (countNodes(source, nodes) > nodes) throw new CredError('exceeds_maximum_size');
}

/**
 * Returns the number of values in a JSON text, or some number above `enough` once that many are seen. Of a text that is not
 * JSON it returns an estimate; the parser refuses it.
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
