import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrayLiteral, fromColumn, lowerName, textArray, toColumn } from './text.ts';

test('any text survives the way through a column, and the column never holds U+0000', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('\0', '\u0001', '\u0002', '\u0003', 'a', 'é') }), (text) => {
      const stored = toColumn(text);
      expect(stored).not.toContain('\0');
      expect(fromColumn(stored)).toBe(text);
    }),
  );
});

test('an array literal quotes what would end an element', () => {
  expect(textArray(['a', 'b"c', 'd\\e', '', 'f,g'])).toBe('{"a","b\\"c","d\\\\e","","f,g"}');
});

test('an array literal of plain paths has no quotes', () => {
  expect(textArray([])).toBe('{}');
  expect(textArray(['/a/b-1/*', '/a.b_c'])).toBe('{/a/b-1/*,/a.b_c}');
  expect(textArray(['/a', '/a b'])).toBe('{"/a","/a b"}');
  expect(textArray(['NULL'])).toBe('{"NULL"}');
});

test('an array literal of values holds nulls, numbers and array literals', () => {
  expect(arrayLiteral(['a', null, 7, '{"b","c\\"}', 'NULL'])).toBe('{"a",NULL,7,"{\\"b\\",\\"c\\\\\\"}","NULL"}');
});

test('names fold by ASCII only', () => {
  expect(lowerName('/A/Bc\u212aÄ')).toBe('/a/bc\u212aÄ');
});
