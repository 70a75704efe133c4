/**
 * Numbers as the original prints them: it reads every JSON number as a double. `exact` keeps the written digits of an
 * integer that a double would change (the original loses them, docs/reference/credhub-cli.md#defects).
 */
export interface NumberStyle {
  readonly exact: boolean;
}

/** YAML: shortest digits, an exponent below 1e-4 and from 1e6 on (`1e+06`, `1.5e-05`). */
export function yamlNumber(text: string, style: NumberStyle): string {
  const kept = keepText(text, style);
  if (kept !== undefined) return kept;
  const { sign, digits, exponent } = decompose(Number(text));
  if (exponent >= -4 && exponent < 6) return sign + positional(digits, exponent);
  const size = Math.abs(exponent).toString().padStart(2, '0');
  return `${sign}${scientific(digits)}e${exponent < 0 ? '-' : '+'}${size}`;
}

/** JSON: shortest digits, an exponent below 1e-6 and from 1e21 on (`1e-7`, `1e+21`). */
export function jsonNumber(text: string, style: NumberStyle): string {
  const kept = keepText(text, style);
  if (kept !== undefined) return kept;
  const { sign, digits, exponent } = decompose(Number(text));
  if (exponent >= -6 && exponent < 21) return sign + positional(digits, exponent);
  return `${sign}${scientific(digits)}e${exponent < 0 ? '' : '+'}${exponent}`;
}

/** The text itself when no double holds it: too big, too small, or (style exact) an integer it would round. */
function keepText(text: string, style: NumberStyle): string | undefined {
  const double = Number(text);
  if (!Number.isFinite(double) || (double === 0 && /[1-9]/.test(text.replace(/[eE].*$/, '')))) return text;
  if (!style.exact || !/^-?[0-9]+$/.test(text) || Number.isSafeInteger(double)) return undefined;
  return BigInt(text) === BigInt(double) ? undefined : text;
}

/** Shortest digits that give the double back, and the decimal exponent of the first of them. */
function decompose(double: number): { sign: string; digits: string; exponent: number } {
  const sign = double < 0 || Object.is(double, -0) ? '-' : '';
  const [mantissa = '0', exponent = '0'] = Math.abs(double).toExponential().split('e');
  return { sign, digits: mantissa.replace('.', ''), exponent: Number(exponent) };
}

function positional(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

function scientific(digits: string): string {
  return digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
}
