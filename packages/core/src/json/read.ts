/**
 * How CredHub's binder takes JSON into fields (server-facts 8.1): lenient kinds, fields looked at in the order of the document,
 * the first fault wins. Unknown key → `invalid_json_key`, wrong kind → `bad_request`.
 */
import { CredError } from '../errors.ts';
import { JsonArray, type JsonNode, JsonNumber, JsonObject } from './tree.ts';

const refuse = (): never => {
  throw new CredError('bad_request');
};

/** The object itself, or `bad_request`. */
export const objectOf = (node: JsonNode | undefined): JsonObject => (node instanceof JsonObject ? node : refuse());

/** Text, or a number or boolean as text. */
export function textOf(node: JsonNode): string | null {
  if (node === null || typeof node === 'string') return node;
  if (typeof node === 'boolean') return String(node);
  return node instanceof JsonNumber ? node.text : refuse();
}

/** Text only. */
export const strictTextOf = (node: JsonNode): string | null =>
  node === null || typeof node === 'string' ? node : refuse();

const INT = /^[+-]?[0-9]{1,10}$/;

/** A 32-bit integer: fractions are cut, texts that spell an integer are taken, null is not. */
export function intOf(node: JsonNode): number {
  const text = node instanceof JsonNumber ? node.text : typeof node === 'string' ? node.trim() : refuse();
  if (typeof node === 'string' && !INT.test(text)) refuse();
  const value = Math.trunc(Number(text)) + 0;
  return value >= -2147483648 && value <= 2147483647 ? value : refuse();
}

/** true, false, their spellings as text, or an integer (0 is false); null is not. */
export function booleanOf(node: JsonNode): boolean {
  if (typeof node === 'boolean') return node;
  if (typeof node === 'string') {
    const text = node.trim();
    if (text === 'true' || text === 'True' || text === 'TRUE') return true;
    if (text === 'false' || text === 'False' || text === 'FALSE') return false;
  }
  if (node instanceof JsonNumber && /^-?[0-9]+$/.test(node.text)) return Number(node.text) !== 0;
  return refuse();
}

/** Like {@link booleanOf}, where the field may be null. */
export const nullableBooleanOf = (node: JsonNode): boolean | null => (node === null ? null : booleanOf(node));

/** The elements of a list. @throws CredError `exceeds_maximum_size` for more than `most`, before any is looked at */
export function itemsOf({ items }: JsonArray, most: number): readonly JsonNode[] {
  if (items.length > most) throw new CredError('exceeds_maximum_size');
  return items;
}

/** A list of at most `most` texts; null elements are refused (CredHub answers 500: docs/divergences.md). */
export const textsOf =
  (most: number) =>
  (node: JsonNode): string[] | null => {
    if (node === null) return null;
    if (!(node instanceof JsonArray)) return refuse();
    return itemsOf(node, most).map((item) => textOf(item) ?? refuse());
  };

interface Reader<T> {
  readonly read: (node: JsonNode) => T;
}
type Readers = Readonly<Record<string, Reader<unknown>>>;
export type Read<R extends Readers> = { -readonly [K in keyof R]?: ReturnType<R[K]['read']> };

/** Reads known fields in document order. A key that is absent in the document is absent in the result. */
export function readFields<R extends Readers>(object: JsonObject, readers: R): Read<R> {
  const fields: Record<string, unknown> = {};
  for (const [key, node] of object.entries) {
    const reader = Object.hasOwn(readers, key) ? readers[key] : undefined;
    if (reader === undefined) throw new CredError('invalid_json_key', { key });
    fields[key] = reader.read(node);
  }
  return fields as Read<R>;
}
