/**
 * A JSON value as the command line sees it: objects are entry lists and numbers keep their source text, so that
 * neither key order, nor an integer-like key, nor a long integer is changed by passing through JavaScript.
 */
export type Value = null | boolean | string | JsonNumber | JsonObject | JsonList;

export interface JsonNumber {
  readonly kind: 'number';
  /** The number as it was written, always valid JSON. */
  readonly text: string;
}

export type JsonList = readonly Value[];

export type Entry = readonly [key: string, value: Value];

export interface JsonObject {
  readonly kind: 'object';
  readonly entries: readonly Entry[];
  /** `given`: printers keep the order of the entries (a record of ours). `sorted`: printers sort (data of a user). */
  readonly order: 'given' | 'sorted';
}

/** An object whose keys the printers sort, as they do with everything that comes from a server or a file. */
export function object(entries: Iterable<Entry>): JsonObject {
  return { kind: 'object', entries: [...entries], order: 'sorted' };
}

/** An object whose keys are printed in the order given; entries with the value `undefined` are left out. */
export function record(fields: Readonly<Record<string, Value | undefined>>): JsonObject {
  const entries: Entry[] = [];
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) entries.push([key, value]);
  return { kind: 'object', entries, order: 'given' };
}

export function number(value: number | bigint): JsonNumber {
  return { kind: 'number', text: Object.is(value, -0) ? '-0' : String(value) };
}

export function isObject(value: Value | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'object';
}

export function isNumber(value: Value | undefined): value is JsonNumber {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'number';
}

export function isList(value: Value | undefined): value is JsonList {
  return Array.isArray(value);
}

/** The field of an object; undefined when the value is no object or has no such field. */
export function field(value: Value | undefined, key: string): Value | undefined {
  return isObject(value) ? value.entries.find(([name]) => name === key)?.[1] : undefined;
}

/** The field of an object if it is a string. */
export function textField(value: Value | undefined, key: string): string | undefined {
  const found = field(value, key);
  return typeof found === 'string' ? found : undefined;
}

/** The items of a field that is a list; an empty list in every other case. */
export function listField(value: Value | undefined, key: string): JsonList {
  const found = field(value, key);
  return isList(found) ? found : [];
}

/** The same object without some of its fields. */
export function without(value: JsonObject, ...keys: readonly string[]): JsonObject {
  return { ...value, entries: value.entries.filter(([key]) => !keys.includes(key)) };
}

/** The same object with a field set: in its place if it was there, else at the end. */
export function withField(value: JsonObject, key: string, to: Value): JsonObject {
  const entries: Entry[] = value.entries.map((entry) => (entry[0] === key ? [key, to] : entry));
  return field(value, key) === undefined ? { ...value, entries: [...entries, [key, to]] } : { ...value, entries };
}
