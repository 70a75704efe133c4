import { type Entry, type JsonObject, number, object, type Value } from '../format/json-tree.ts';
import { isLoadedMap, isLoadedTime, type Loaded } from './yaml-document.ts';

/** One credential of an import file, ready to be sent. */
export interface ImportEntry {
  /** Its place in the file, from 0. */
  readonly index: number;
  /** Empty if the file has none or one that is no text; the server refuses it. */
  readonly name: string;
  readonly type: string;
  readonly value: Value;
  readonly metadata?: JsonObject;
  /** Why this entry can't be sent. It counts as failed, without a request. */
  readonly problem?: string;
}

/** The file as a whole can't be imported. The message is for the user. */
export class ImportFileError extends Error {
  override readonly name = 'ImportFileError';
}

/** Something in an entry that JSON has no form for. The message is for the user. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
}

/**
 * What is sent for a part of a YAML file: keys become texts, dates RFC 3339 times.
 * @throws NotJson for a key that is null or a collection, and for numbers that are infinite or none.
 */
export function toEntryValue(value: Loaded): Value {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return number(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new NotJson(`json: unsupported value: ${nonFinite(value)}`);
    return number(value);
  }
  if (isLoadedTime(value)) return value.text;
  if (isLoadedMap(value)) return object(value.entries.map(([key, item]): Entry => [keyText(key), toEntryValue(item)]));
  return value.map(toEntryValue);
}

/** Returns an infinite number, or one that is none, as Go's strconv writes it. */
export function nonFinite(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

function keyText(key: Loaded): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number' || typeof key === 'bigint' || typeof key === 'boolean') return String(key);
  if (isLoadedTime(key)) return key.written;
  throw new NotJson(
    key === null
      ? 'A key of the credential is null. Every key must be a text.'
      : 'A key of the credential is a list or a mapping. Every key must be a text.',
  );
}
