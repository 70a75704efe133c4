/** Texts on their way into and out of PostgreSQL. */
import type { Value } from './statement.ts';

/**
 * PostgreSQL's text cannot hold U+0000, CredHub's values can (docs/reference/credhub-server.md#type-value). Texts that
 * are stored readable therefore write U+0000 as U+0001 U+0002 and U+0001 as U+0001 U+0003; others stay as they are.
 */
export function toColumn(text: string | null): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
  if (text === null || !/[\0\u0001]/.test(text)) return text;
  return text.replaceAll('\u0001', '\u0001\u0003').replaceAll('\0', '\u0001\u0002');
}

export function fromColumn(text: string | null): string | null {
  if (text === null || !text.includes('\u0001')) return text;
  return text.replaceAll('\u0001\u0002', '\0').replaceAll('\u0001\u0003', '\u0001');
}

/** Needs no quotes in an array, which would have to be escaped in an array of arrays. Never NULL. */
const PLAIN_PATH = /^\/[\w/.*-]*$/;
const isPlainPath = (item: string): boolean => PLAIN_PATH.test(item);

/** A text[] literal (PostgreSQL, 8.15.2). Elements must not hold U+0000. */
export function textArray(items: readonly string[]): string {
  if (items.every(isPlainPath)) return `{${items.join(',')}}`;
  const plain = !items.some((item) => item.includes('"') || item.includes('\\'));
  const texts = plain ? items : items.map((item) => item.replace(/["\\]/g, '\\$&'));
  return `{"${texts.join('","')}"}`;
}

/** An array literal of one value per element; null is an element too. */
export function arrayLiteral(items: readonly Value[]): string {
  return `{${items.map(elementLiteral).join(',')}}`;
}

function elementLiteral(item: Value): string {
  if (item === null) return 'NULL';
  if (typeof item === 'number') return String(item);
  if (typeof item !== 'string') throw new Error('an array literal takes texts and numbers only');
  return /["\\]/.test(item) ? `"${item.replace(/["\\]/g, '\\$&')}"` : `"${item}"`;
}

/** Names fold by ASCII alone: a Kelvin sign is not a k. */
export function lowerName(name: string): string {
  return name.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}

/** Whether a name can be stored at all; one that cannot is simply not there. */
export const storable = (name: string): boolean => !name.includes('\0');

/** A pattern for LIKE that finds `text` literally. */
export const likeLiteral = (text: string): string => text.replace(/[\\%_]/g, '\\$&');
