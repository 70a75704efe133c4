import { yamlNumber } from '../format/go-number.ts';
import { goQuote } from '../format/go-quote.ts';
import { compareBytes } from '../format/key-order.ts';
import { decodeCharacter } from './encoding.ts';
import { isLoadedBytes, isLoadedMap, isLoadedTime, type Loaded } from './loaded.ts';

/** A value as Go's `%#v` writes it, which is how go-yaml names a key that is a collection. */
export function goSyntax(value: Loaded): string {
  if (value === null) return 'interface {}(nil)';
  if (typeof value === 'string') return goQuote(value);
  if (typeof value === 'bigint') return goInteger(value);
  if (typeof value === 'number') return goFloat(value);
  if (typeof value === 'boolean') return String(value);
  if (isLoadedTime(value)) return goQuote(value.written);
  if (isLoadedBytes(value)) return quoteBytes(Buffer.from(value.base64, 'base64'));
  if (!isLoadedMap(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  const entries = value.entries.toSorted(([a], [b]) => rank(a) - rank(b) || compareKeys(a, b));
  return `map[interface {}]interface {}{${entries.map(([key, item]) => `${goSyntax(key)}:${goSyntax(item)}`).join(', ')}}`;
}

/** Bytes that are no character are written as they are. */
function quoteBytes(bytes: Uint8Array): string {
  let quoted = '';
  for (let at = 0; at < bytes.length; ) {
    const character = decodeCharacter(bytes, at, 'utf-8');
    if ('problem' in character) {
      quoted += `\\x${(bytes[at] ?? 0).toString(16).padStart(2, '0')}`;
      at += 1;
    } else {
      quoted += goQuote(String.fromCodePoint(character.code)).slice(1, -1);
      at += character.width;
    }
  }
  return `"${quoted}"`;
}

/** Unsigned integers are written in base 16, and what has more than 64 bits is a double. */
function goInteger(value: bigint): string {
  if (BigInt.asIntN(64, value) === value) return String(value);
  return BigInt.asUintN(64, value) === value ? `0x${value.toString(16)}` : goFloat(Number(value));
}

/** Go sorts the keys of a map that it prints: by their type, then by value. */
function rank(key: Loaded): number {
  return ['object', 'string', 'bigint', 'number', 'boolean'].indexOf(typeof key);
}

function compareKeys(a: Loaded, b: Loaded): number {
  if (typeof a === 'string' && typeof b === 'string') return compareBytes(a, b);
  return Number(a) - Number(b);
}

function goFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return yamlNumber(Object.is(value, -0) ? '-0' : String(value), { exact: false });
}
