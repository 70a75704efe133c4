import { goQuote } from '../lib/format/go-quote.ts';

/** A word that is no literal of the kind asked for; the message is that of Go's strconv or time package. */
export class LiteralError extends Error {
  override readonly name = 'LiteralError';
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
};

/**
 * A word that starts with `"` is a Go string literal (docs/reference/credhub-cli.md#argument-parsing); every other word
 * is itself.
 *
 * @throws LiteralError (`invalid syntax`) when the literal is broken.
 */
export function unquote(word: string): string {
  if (!word.startsWith('"')) return word;
  const inner = /^"((?:[^"\\\n]|\\.)*)"$/su.exec(word)?.[1];
  if (inner === undefined) throw new LiteralError('invalid syntax');
  const bytes: Buffer[] = [];
  const part =
    /\\(?:([abfnrtv\\"])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]?))|[^\\]+/gu;
  for (const [whole, simple, hex, octal, short, long, bad] of inner.matchAll(part)) {
    if (bad !== undefined) throw new LiteralError('invalid syntax');
    // \x and octal escapes are bytes, so that several of them may spell one character.
    const byte = hex === undefined ? octal && Number.parseInt(octal, 8) : Number.parseInt(hex, 16);
    if (typeof byte === 'number') bytes.push(Buffer.from([inByteRange(byte)]));
    else
      bytes.push(Buffer.from(simple === undefined ? codePoint(short ?? long, whole) : (SIMPLE_ESCAPES[simple] ?? '')));
  }
  return Buffer.concat(bytes).toString('utf8');
}

function inByteRange(value: number): number {
  if (value > 255) throw new LiteralError('invalid syntax');
  return value;
}

function codePoint(hex: string | undefined, plain: string): string {
  if (hex === undefined) return plain;
  const value = Number.parseInt(hex, 16);
  if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) throw new LiteralError('invalid syntax');
  return String.fromCodePoint(value);
}

const INTEGER =
  /^([+-]?)(?:0[xX]_?([0-9a-fA-F](?:_?[0-9a-fA-F])*)|0[bB]_?([01](?:_?[01])*)|0[oO]?_?([0-7](?:_?[0-7])*)|([1-9](?:_?[0-9])*)|0)$/;
const MAX_INT64 = 2n ** 63n - 1n;

/** An integer as strconv.ParseInt with base 0 reads it: decimal, 0x, 0b, 0o, leading zero, underscores; 64 bits. */
export function parseInteger(word: string): bigint {
  const match = INTEGER.exec(word);
  const problem = (what: string): LiteralError =>
    new LiteralError(`strconv.ParseInt: parsing ${goQuote(word)}: ${what}`);
  if (!match) throw problem('invalid syntax');
  const [, sign, hex, binary, octal, decimal] = match;
  const digits = (hex ?? binary ?? octal ?? decimal ?? '0').replaceAll('_', '');
  const prefix = hex === undefined ? (binary === undefined ? (octal === undefined ? '' : '0o') : '0b') : '0x';
  const value = BigInt(prefix + digits) * (sign === '-' ? -1n : 1n);
  if (value > MAX_INT64 || value < -MAX_INT64 - 1n) throw problem('value out of range');
  return value;
}

const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** The package's own quoting: bytes beyond ASCII and control characters as `\xe9`. */
function timeQuote(text: string): string {
  const bytes = Array.from(Buffer.from(text), (byte) => {
    if (byte < 0x20 || byte >= 0x80) return `\\x${byte.toString(16).padStart(2, '0')}`;
    const character = String.fromCharCode(byte);
    return character === '"' || character === '\\' ? `\\${character}` : character;
  });
  return `"${bytes.join('')}"`;
}

/** Nanoseconds of a text such as `1m30s` or `1.5h`, read as time.ParseDuration does; every number needs a unit. */
export function parseDuration(word: string): bigint {
  const quoted = timeQuote(word);
  const invalid = new LiteralError(`time: invalid duration ${quoted}`);
  const [, sign = '', rest = ''] = /^([+-]?)([\s\S]*)$/.exec(word) ?? [];
  if (rest === '0') return 0n;
  if (rest === '') throw invalid;
  let total = 0n;
  for (let left = rest; left !== ''; ) {
    const [whole, count = '', unit = ''] = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(left) ?? [];
    if (whole === undefined || BigInt(count.split('.')[0] || '0') > MAX_INT64 + 1n) throw invalid;
    if (unit === '') throw new LiteralError(`time: missing unit in duration ${quoted}`);
    const size = UNITS[unit];
    if (size === undefined) throw new LiteralError(`time: unknown unit ${timeQuote(unit)} in duration ${quoted}`);
    const [units = '', fraction = ''] = count.split('.');
    total += BigInt(units || '0') * BigInt(size) + BigInt(Math.trunc(Number(`0.${fraction || '0'}`) * size));
    left = left.slice(whole.length);
  }
  if (total > MAX_INT64) throw invalid;
  return sign === '-' ? -total : total;
}
