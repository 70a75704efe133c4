/**
 * JSON as the command lines handle it: the tree of `@credplex/core/json`, in which neither key order, nor an
 * integer-like key, nor a long integer is changed by passing through JavaScript.
 */
import { isJsonList, type JsonList, type JsonNode, JsonNumber, JsonObject } from '@credplex/core/json';

export { isJsonList as isList, JsonObject };
export type Value = JsonNode;

export type Entry = readonly [key: string, value: Value];

/** An object whose entries printers keep in the given order. They sort the keys of every other one. */
class OrderedObject extends JsonObject {
  readonly order = 'given';
}

/** An object whose keys the printers sort, as they do with everything that comes from a server or a file. */
export function object(entries: Iterable<Entry>): JsonObject {
  return new JsonObject(new Map(entries));
}

/** An object whose keys are printed in the order given; entries with the value `undefined` are left out. */
export function record(fields: Readonly<Record<string, Value | undefined>>): JsonObject {
  const entries = new Map<string, Value>();
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) entries.set(key, value);
  return new OrderedObject(entries);
}

export function number(value: number | bigint): JsonNumber {
  return new JsonNumber(Object.is(value, -0) ? '-0' : String(value));
}

export function isObject(value: Value | undefined): value is JsonObject {
  return value instanceof JsonObject;
}

export function isNumber(value: Value | undefined): value is JsonNumber {
  return value instanceof JsonNumber;
}

/** The field of an object; undefined when the value is no object or has no such field. */
export function field(value: Value | undefined, key: string): Value | undefined {
  return isObject(value) ? value.entries.get(key) : undefined;
}

/** The field of an object if it is a string. */
export function textField(value: Value | undefined, key: string): string | undefined {
  const found = field(value, key);
  return typeof found === 'string' ? found : undefined;
}

/** The items of a field that is a list; an empty list in every other case. */
export function listField(value: Value | undefined, key: string): JsonList {
  const found = field(value, key);
  return isJsonList(found) ? found : [];
}

/** The entries of an object in the order in which they are printed. */
export function entriesInOrder(value: JsonObject, compareKeys: (a: string, b: string) => number): readonly Entry[] {
  const entries = [...value.entries];
  return value instanceof OrderedObject ? entries : entries.sort(([a], [b]) => compareKeys(a, b));
}

/** The same value with the keys of all its objects printed in the order of the source. */
export function inGivenOrder(value: Value): Value {
  if (isJsonList(value)) return value.map(inGivenOrder);
  if (!isObject(value)) return value;
  return new OrderedObject(new Map(Array.from(value.entries, ([key, item]) => [key, inGivenOrder(item)])));
}

/** The same object without some of its fields. */
export function without(value: JsonObject, ...keys: readonly string[]): JsonObject {
  return withEntries(value, new Map([...value.entries].filter(([key]) => !keys.includes(key))));
}

/** The same object with a field set: in its place if it was there, else at the end. */
export function withField(value: JsonObject, key: string, to: Value): JsonObject {
  return withEntries(value, new Map(value.entries).set(key, to));
}

function withEntries(value: JsonObject, entries: ReadonlyMap<string, Value>): JsonObject {
  return value instanceof OrderedObject ? new OrderedObject(entries) : new JsonObject(entries);
}
