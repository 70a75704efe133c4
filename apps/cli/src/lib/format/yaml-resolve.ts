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

export function resolvePlain(source: string, reading: Reading): Resolved {
  if (source === '' || source === '~' || /^(null|Null|NULL)$/.test(source)) return { kind: 'null' };
  const truth = boolean(source, reading);
  if (truth !== undefined) return { kind: 'boolean', value: truth };
  const special = /^([-+]?)\.(inf|Inf|INF)$/.exec(source);
  if (special) return { kind: 'float', value: special[1] === '-' ? -Infinity : Infinity };
  if (/^\.(nan|NaN|NAN)$/.test(source)) return { kind: 'float', value: Number.NaN };
  if (/^\.[0-9]/.test(source)) return float(source);
  if (!/^[-+0-9]/.test(source)) return text;
  const time = timestamp(source);
  if (time !== undefined) return { kind: 'time', text: time };
  const bare = source.replaceAll('_', '');
  const whole = integer(bare);
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
  const daysInMonth = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  const validDate = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= daysInMonth;
  if (!validDate || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (zone !== undefined && zone !== 'Z' && (Number(zone.slice(1, 3)) > 24 || Number(zone.slice(4)) > 59))
    return undefined;
  const two = (digits: string): string => digits.padStart(2, '0');
  const parted = fraction.slice(0, 9).replace(/0+$/, '');
  const offset = zone === undefined || /^[-+]00:00$/.test(zone) ? 'Z' : zone;
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${parted && `.${parted}`}${offset}`;
}
