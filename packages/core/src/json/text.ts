/**
 * Writes a tree as CredHub's server does (docs/reference/credhub-server.md#type-json): keys in order, no white space,
 * integers unchanged, other numbers as Java prints doubles (`1.10` → `1.1`, `1E5` → `100000.0`, `0.1e-7` → `1.0E-8`).
 * `-0` becomes `0`.
 */
import { isJsonList, type JsonNode, JsonNumber, type JsonObject } from './tree.ts';

/** Returns the JSON text of a tree. */
export function jsonText(node: JsonNode): string {
  if (typeof node === 'string') return JSON.stringify(node);
  if (node === null || typeof node === 'boolean') return String(node);
  if (node instanceof JsonNumber) return numberText(node.text);
  if (isJsonList(node)) return `[${node.map(jsonText).join(',')}]`;
  return objectText(node);
}

function objectText(node: JsonObject): string {
  let out = '{';
  for (const [key, value] of node.entries) {
    out += `${out.length > 1 ? ',' : ''}${JSON.stringify(key)}:${jsonText(value)}`;
  }
  return `${out}}`;
}

function isInteger(text: string): boolean {
  for (let i = text.charCodeAt(0) === 0x2d ? 1 : 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

function numberText(text: string): string {
  if (!isInteger(text)) return javaDouble(Number(text));
  return text === '-0' ? '0' : text;
}

/**
 * Formats a double as `Double.toString` of Java 19 does: the shortest digits that round-trip, at least two of them,
 * without exponent from 1e-3 up to 1e7.
 */
export function javaDouble(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const sign = value < 0 ? '-' : '';
  const { digits, exponent } = shortest(Math.abs(value));
  if (exponent < -3 || exponent >= 7) {
    return `${sign}${digits.charAt(0)}.${digits.slice(1) || '0'}E${exponent}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

/**
 * Returns value = d.ddd × 10^exponent. Where one digit suffices, Java uses the nearest two: Double.MIN_VALUE is
 * 4.9E-324, not 5E-324.
 */
function shortest(value: number): { digits: string; exponent: number } {
  const short = value.toExponential();
  const chosen = short.includes('.') ? short : value.toExponential(1);
  const [mantissa = '', exponent = '0'] = chosen.split('e');
  const digits = mantissa.replace('.', '');
  return { digits: digits.endsWith('0') ? digits.slice(0, -1) : digits, exponent: Number(exponent) };
}
