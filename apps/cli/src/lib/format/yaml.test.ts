import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { compareNatural } from './key-order.ts';
import { parseJson } from './parse-json.ts';
import { printYaml } from './yaml.ts';

const anyJson = fc.json({ stringUnit: 'binary', maxDepth: 5 });

test('the printer never throws', () => {
  fc.assert(
    fc.property(anyJson, (text) => {
      printYaml(parseJson(text));
      printYaml(parseJson(text), { lossless: true });
    }),
  );
  const deep = parseJson(`${'['.repeat(900)}${']'.repeat(900)}`);
  expect(printYaml(deep)).toBe(`${'- '.repeat(899)}[]\n`);
});

test('what is printed without loss is the same value for an ordinary YAML reader', () => {
  fc.assert(
    fc.property(anyJson, (text) => {
      const printed = printYaml(parseJson(text), { lossless: true });
      const read = parseDocument(printed, { uniqueKeys: true });
      expect(read.errors).toEqual([]);
      // An ordinary reader drops the sign of zero, as JSON.stringify does, and half surrogate pairs are replaced.
      const expected: unknown = JSON.parse(text);
      expect(JSON.stringify(sorted(read.toJS()))).toBe(JSON.stringify(sorted(expected)).toWellFormed());
    }),
    { numRuns: 300 },
  );
});

function sorted(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key.toWellFormed(), sorted(item)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

test('the natural order is a total order', () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'B', '0', '1', '9', '-', '_', '.'), maxLength: 5 });
  fc.assert(
    fc.property(key, key, (a, b) => {
      expect(Math.sign(compareNatural(a, b)) + Math.sign(compareNatural(b, a))).toBe(0);
      expect(compareNatural(a, b) === 0).toBe(a === b);
    }),
  );
});

test('a block in a list keeps its leading blanks when it is to be read again', () => {
  const value = parseJson('{"l":["  lead\\nx"]}');
  expect(printYaml(value)).toBe('l:\n    - |4-\n        lead\n      x\n');
  expect(printYaml(value, { lossless: true })).toBe('l:\n    - |2-\n        lead\n      x\n');
});
