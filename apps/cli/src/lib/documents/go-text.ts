import { compareBytes } from '../format/key-order.ts';
import { isTemplateBytes, isTemplateMap, type TemplateNode } from './template.ts';

/** The kind of a value as the original's messages name it. */
export function goType(value: TemplateNode): string {
  if (value === null) return '<nil>';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (isTemplateBytes(value)) return 'string';
  if (isTemplateMap(value)) return 'map[interface {}]interface {}';
  if ('number' in value) return 'float64';
  return '[]interface {}';
}

/** A value as the original's messages show it: `map[a:map[b:[x y] n:5]]`. */
export function formatGo(value: TemplateNode): string {
  if (value === null) return '<nil>';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (isTemplateBytes(value)) return Buffer.from(value.base64, 'base64').toString('utf8');
  if (isTemplateMap(value)) {
    const fields = value.entries.map(([key, item]) => [formatGo(key), formatGo(item)] as const);
    return `map[${fields
      .toSorted(([a], [b]) => compareBytes(a, b))
      .map(([key, item]) => `${key}:${item}`)
      .join(' ')}]`;
  }
  if ('number' in value) return value.number;
  return `[${value.map(formatGo).join(' ')}]`;
}
