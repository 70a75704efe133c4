/**
 * Reads JSON into fields as CredHub does (docs/reference/credhub-server.md#json): leniently, in document order, with
 * the first error. An unknown key is `invalid_json_key`, a value of the wrong type is `bad_request`.
 */
import { CredError } from '../errors.ts';
import { BOOLEAN, INTEGER_KIND, NULLABLE_BOOLEAN, NULLABLE_INTEGER, strictForm, TEXT } from './leniencies.ts';
import { isJsonList, type JsonList, type JsonNode, JsonNumber, JsonObject } from './tree.ts';

function refuse(): never {
  throw new CredError('bad_request');
}

/** Returns the node if it is an object. @throws CredError `bad_request` */
export function objectOf(node: JsonNode | undefined): JsonObject {
  return node instanceof JsonObject ? node : refuse();
}

/** Returns a text or null. @throws CredError `bad_request` */
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

/** Reads a text leniently; null is allowed. @throws CredError `bad_request` */
export function textOf(node: JsonNode): string | null {
  return strictTextOf(strictForm(node, TEXT));
}

/** Reads a 32-bit integer leniently. @throws CredError `bad_request`, also for null */
export function intOf(node: JsonNode): number {
  return strictIntOf(strictForm(node, INTEGER_KIND));
}

/** Reads a boolean leniently. @throws CredError `bad_request`, also for null */
export function booleanOf(node: JsonNode): boolean {
  return strictBooleanOf(strictForm(node, BOOLEAN));
}

/** Reads like {@link booleanOf}, but allows null. */
export function nullableBooleanOf(node: JsonNode): boolean | null {
  const strict = strictForm(node, NULLABLE_BOOLEAN);
  return strict === null ? null : strictBooleanOf(strict);
}

/** Reads like {@link intOf}, but allows null. */
export function nullableIntOf(node: JsonNode): number | null {
  const strict = strictForm(node, NULLABLE_INTEGER);
  return strict === null ? null : strictIntOf(strict);
}

/** Returns the node if it is one of `words`; otherwise `undefined`. */
export function wordOf<W extends string>(node: JsonNode, words: readonly W[]): W | undefined {
  return words.find((known) => known === node);
}

/** Returns the elements of a list. @throws CredError `exceeds_maximum_size` for more than `most`, before reading any */
export function itemsOf(items: JsonList, most: number): JsonList {
  if (items.length > most) throw new CredError('exceeds_maximum_size');
  return items;
}

/** Returns a reader for at most `most` texts. CredHub answers 500 for null elements (docs/reference/divergences.md). */
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
   * Runs after all known fields have been read and before an unknown key is reported. Absent: an unknown key is
   * reported at its position in the document.
   */
  readonly beforeUnknown?: (read: Read<R>) => void;
}

/**
 * Reads known fields in document order. A key that is absent in the document is absent in the result.
 * @throws CredError `invalid_json_key`, the errors of the readers, and `bad_request` for a broken object
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
