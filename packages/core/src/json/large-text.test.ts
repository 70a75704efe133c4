import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonBytes, jsonSecret } from './large-text.ts';
import { parseJson } from './parse.ts';
import { jsonText } from './text.ts';

test('a text of many pieces is written as jsonText writes it, in UTF-8', () => {
  for (const unit of ['a', 'é\n', '😀', 'a😀', '"\\\u0000', '\u2028€']) {
    const node = [`x${unit.repeat(90_000)}`, null, unit];
    expect(Buffer.from(jsonBytes(node)).toString() === jsonText(node)).toBe(true);
  }
});

test('any value is written as jsonText writes it', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const node = parseJson(text);
      expect(Buffer.from(jsonBytes(node)).toString()).toBe(jsonText(node));
    }),
  );
});

test('a small value stays a text', () => {
  expect(jsonSecret('é"').isBytes).toBe(false);
  expect(jsonSecret('é"').reveal()).toBe('"é\\""');
  expect(jsonSecret('é'.repeat(300_000)).reveal()).toBe(`"${'é'.repeat(300_000)}"`);
});
