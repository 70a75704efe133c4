/**
 * How CredHub's binder reads JSON into fields (docs/reference/credhub-server.md#json): lenient kinds, fields looked at
 * in the order of the document, the first fault wins. Unknown key → `invalid_json_key`, wrong kind → `bad_request`.
 */
import { CredError } from '../errors.ts';
import { BOOLEAN, INTEGER_KIND, NULLABLE_BOOLEAN, NULLABLE_INTEGER, strictForm, TEXT } from './leniencies.ts';
import { isJsonList, type JsonList, type JsonNode, JsonNumber, JsonObject } from './tree.ts';

function refuse(): never {
  throw new CredError('bad_request');
}

/** The object itself, or `bad_request`. */
export function objectOf(node: JsonNode | undefined): JsonObject {
  return node instanceof JsonObject ? node : refuse();
}

/** Text or null, nothing else. */
export function strictTextOf(node: JsonNode): string | null {
  return node === null || typeof node === 'string' ? node : refuse();
}

function strictIntOf(node: JsonNode): number {
  const value = node instanceof JsonNumber && /^-?[0-9]+$/.test(node.text) ? Number(node.text) + 0 : Number.NaN;
  return value >= -2147483648 && value <= 2147483647 ? value : refuse();
}

function strictBooleanOf(node: JsonNode): boolean {
  return typeof node === 'boolean' ? node : refuse();
}

/** Text, or what is taken as one. */
export function textOf(node: JsonNode): string | null {
  return strictTextOf(strictForm(node, TEXT));
}

/** A 32-bit integer, or what is taken as one; null is not. */
export function intOf(node: JsonNode): number {
  return strictIntOf(strictForm(node, INTEGER_KIND));
}

/** A boolean, or what is taken as one; null is not. */
export function booleanOf(node: JsonNode): boolean {
  return strictBooleanOf(strictForm(node, BOOLEAN));
}

/** Like {@link booleanOf}, where the field may be null. */
export function nullableBooleanOf(node: JsonNode): boolean | null {
  const strict = strictForm(node, NULLABLE_BOOLEAN);
  return strict === null ? null : strictBooleanOf(strict);
}

/** Like {@link intOf}, where the field may be null. */
export function nullableIntOf(node: JsonNode): number | null {
  const strict = strictForm(node, NULLABLE_INTEGER);
  return strict === null ? null : strictIntOf(strict);
}

/** One of a list of words. `undefined` for everything else. */
export function wordOf<W extends string>(node: JsonNode, words: readonly W[]): W | undefined {
  return words.find((known) => known === node);
}

/** The elements of a list. @throws CredError `exceeds_maximum_size` for more than `most`, before any is looked at */
export function itemsOf(items: JsonList, most: number): JsonList {
  if (items.length > most) throw new CredError('exceeds_maximum_size');
  return items;
}

/** A list of at most `most` texts; null elements are refused (CredHub answers 500: docs/reference/divergences.md). */
export function textsOf(most: number) {
  return (node: JsonNode): string[] | null => {
    if (node === null) return null;
    if (!isJsonList(node)) return refuse();
    return itemsOf(node, most).map((item) => textOf(item) ?? refuse());
  };
}

interface Reader<T> {
  readonly read: (node: JsonNode) => T;
}
type Readers = Readonly<Record<string, Reader<unknown>>>;
export type Read<R extends Readers> = { -readonly [K in keyof R]?: ReturnType<R[K]['read']> };

interface ReadOptions<R extends Readers> {
  /**
   * Runs when the known fields have been read; only then a key that is not known is named. Absent: such a key is named
   * at its place in the document.
   */
  readonly beforeUnknown?: (read: Read<R>) => void;
}

/**
 * Reads known fields in document order. A key that is absent in the document is absent in the result.
 * @throws CredError `invalid_json_key`, what the readers throw, and `bad_request` for an object that is broken
 */
export function readFields<R extends Readers>(object: JsonObject, readers: R, options: ReadOptions<R> = {}): Read<R> {
  const fields: Record<string, unknown> = {};
  let unknown: string | undefined;
  for (const [key, node] of object.entries) {
    const reader = Object.hasOwn(readers, key) ? readers[key] : undefined;
    if (reader !== undefined) fields[key] = reader.read(node);
    else if (options.beforeUnknown) unknown ??= key;
    else throw new CredError('invalid_json_key', { key });
  }
  if (object.broken === 'inside') refuse();
  options.beforeUnknown?.(fields as Read<R>);
  if (unknown !== undefined) throw new CredError('invalid_json_key', { key: unknown });
  if (object.broken === 'after') refuse();
  return fields as Read<R>;
}
