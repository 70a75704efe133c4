/**
 * What an unquoted YAML scalar means, in the two readings of the original: `core` is its newer library (YAML 1.2 with
 * some of 1.1), `old` is the one behind `interpolate` (YAML 1.1). Numbers are given as JSON number text.
 */
export type Resolved =
  | { readonly kind: 'text' }
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'integer'; readonly value: bigint }
  /** A double; infinite and NaN are possible. */
  | { readonly kind: 'float'; readonly value: number }
  /** A date or time, in RFC 3339 with zone. */
  | { readonly kind: 'time'; readonly text: string };

export type Reading = 'core' | 'old';

const text: Resolved = { kind: 'text' };

/** `times` is false where a tag asks for something else than a time. */
export function resolvePlain(source: string, reading: Reading, { times = true } = {}): Resolved {
  if (source === '' || source === '~' || /^(null|Null|NULL)$/.test(source)) return { kind: 'null' };
  const truth = boolean(source, reading);
  if (truth !== undefined) return { kind: 'boolean', value: truth };
  const special = /^([-+]?)\.(inf|Inf|INF)$/.exec(source);
  if (special) return { kind: 'float', value: special[1] === '-' ? -Infinity : Infinity };
  if (/^\.(nan|NaN|NAN)$/.test(source)) return { kind: 'float', value: Number.NaN };
  // Unlike in other numbers, an underscore here must have a digit on each side.
  if (source.startsWith('.')) return /__|_e|e[-+]?_|_$|\._/i.test(source) ? text : float(source.replaceAll('_', ''));
  if (!/^[-+0-9]/.test(source)) return text;
  const time = times ? timestamp(source) : undefined;
  if (time !== undefined) return { kind: 'time', text: time };
  const bare = source.replaceAll('_', '');
  const whole = integer(bare) ?? signedAfterPrefix(bare, reading);
  return whole === undefined ? float(bare) : { kind: 'integer', value: whole };
}

function boolean(source: string, reading: Reading): boolean | undefined {
  if (/^(true|True|TRUE)$/.test(source)) return true;
  if (/^(false|False|FALSE)$/.test(source)) return false;
  if (reading === 'core') return undefined;
  if (/^(y|Y|yes|Yes|YES|on|On|ON)$/.test(source)) return true;
  return /^(n|N|no|No|NO|off|Off|OFF)$/.test(source) ? false : undefined;
}

/** Decimal integers keep all their digits; in the other bases more than 64 bits are no number, as in the original. */
function integer(source: string): bigint | undefined {
  const parts = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]([0-7]+)|0([0-7]+)|(0|[1-9][0-9]*))$/.exec(source);
  if (!parts) return undefined;
  const [, sign, hex, binary, newOctal, oldOctal, decimal] = parts;
  const octal = newOctal ?? oldOctal;
  const size = BigInt(
    hex !== undefined
      ? `0x${hex}`
      : binary !== undefined
        ? `0b${binary}`
        : octal !== undefined
          ? `0o${octal}`
          : (decimal ?? '0'),
  );
  const value = sign === '-' ? -size : size;
  return decimal !== undefined || (value >= -(2n ** 63n) && value < 2n ** (sign === '' ? 64n : 63n))
    ? value
    : undefined;
}

/** `0b-1` is -1 in go-yaml, and `0o-7` in its newer reader. */
function signedAfterPrefix(source: string, reading: Reading): bigint | undefined {
  const [, prefix = '', sign, digits = ''] = /^(0b|0o)([-+])([0-7]+)$/.exec(source) ?? [];
  if (prefix === '' || (prefix === '0o' && reading === 'old') || (prefix === '0b' && /[2-7]/.test(digits))) {
    return undefined;
  }
  const value = sign === '-' ? -BigInt(prefix + digits) : BigInt(prefix + digits);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

function float(source: string): Resolved {
  if (!/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(source)) return text;
  const value = Number(source);
  return Number.isFinite(value) ? { kind: 'float', value } : text;
}

const dateAndTime =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:([Tt]| +)([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]+))?(Z|[-+][0-9]{2}:[0-9]{2})?)?$/;

/** With `T` a zone is required, after blanks none is allowed, and a date alone is midnight UTC. */
function timestamp(source: string): string | undefined {
  const parts = dateAndTime.exec(source);
  if (!parts) return undefined;
  const [, year = '', month = '', day = '', mark, hour = '0', minute = '0', second = '0', fraction = '', zone] = parts;
  if (mark !== undefined && mark.startsWith(' ') === (zone !== undefined)) return undefined;
  const validDate = Number(day) >= 1 && Number(day) <= daysIn(Number(month), Number(year));
  if (!validDate || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const offset = zone === undefined ? 'Z' : zoneOffset(zone);
  if (offset === undefined) return undefined;
  const parted = fraction.slice(0, 9).replace(/0+$/, '');
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${parted && `.${parted}`}${offset}`;
}

function two(digits: string): string {
  return digits.padStart(2, '0');
}

/** 0 for a month that does not exist. */
function daysIn(month: number, year: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}

/** Go takes 24 hours and 60 minutes too. */
function zoneOffset(zone: string): string | undefined {
  if (zone === 'Z') return zone;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4));
  if (hours > 24 || minutes > 60) return undefined;
  const total = hours * 60 + minutes;
  if (total === 0) return 'Z';
  return `${zone.charAt(0)}${two(String(Math.floor(total / 60)))}:${two(String(total % 60))}`;
}
