import { type Entry, type JsonObject, number, object, type Value } from '../format/json-tree.ts';
import { isLoadedBytes, isLoadedMap, isLoadedTime, type Loaded } from '../yaml/read.ts';

/** One credential of an import file, ready to be sent. */
export interface ImportEntry {
  /** Index in the file, starting at 0. */
  readonly index: number;
  /** Empty if the file has no name or one that is not a text; the server refuses it. */
  readonly name: string;
  readonly type: string;
  readonly value: Value;
  readonly metadata?: JsonObject;
  /** The reason why the entry cannot be sent. It is reported as failed, without a request. */
  readonly problem?: string;
}

/** The file cannot be imported. The message is shown to the user. */
export class ImportFileError extends Error {
  override readonly name = 'ImportFileError';
}

/** An entry contains a value that JSON cannot represent. The message is shown to the user. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
}

/**
 * What is sent for a part of a YAML file: keys become texts, dates RFC 3339 times.
 * @throws NotJson for a key that is null or a collection, for numbers that are infinite or none, and for binary data
 * that is no text.
 */
export function toEntryValue(value: Loaded): Value {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return number(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new NotJson(`json: unsupported value: ${nonFinite(value)}`);
    return number(value);
  }
  if (isLoadedTime(value)) return value.text;
  if (isLoadedBytes(value)) throw new NotJson('A binary value of the credential is not UTF-8 text.');
  if (isLoadedMap(value)) return object(value.entries.map(([key, item]): Entry => [keyText(key), toEntryValue(item)]));
  return value.map(toEntryValue);
}

/** Returns an infinite number, or one that is none, as Go's strconv writes it. */
export function nonFinite(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

/** Returns all digits of a number, without an exponent: 1e21 is a one and 21 zeros, 1.50 is 1.5. */
export function decimalText(text: string): string {
  if (/^-?[0-9]+$/.test(text)) return text;
  const [mantissa = '0', power = '0'] = Math.abs(Number(text)).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const point = Number(power) + 1;
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  const fraction = point > 0 ? digits.slice(point) : '0'.repeat(-point) + digits;
  const sign = Number(text) < 0 ? '-' : '';
  return sign + (fraction === '' || digits === '0' ? whole : `${whole}.${fraction}`);
}

function keyText(key: Loaded): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'bigint' || typeof key === 'boolean') return String(key);
  if (typeof key === 'number') return Number.isFinite(key) ? decimalText(number(key).text) : nonFinite(key);
  if (isLoadedTime(key)) return key.written;
  if (isLoadedBytes(key)) throw new NotJson('A key of the credential is not UTF-8 text.');
  throw new NotJson(
    key === null
      ? 'A key of the credential is null. Every key must be a text.'
      : 'A key of the credential is a list or a mapping. Every key must be a text.',
  );
}
