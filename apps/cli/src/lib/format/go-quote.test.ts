import { expect, test } from 'vitest';
import { goQuote } from './go-quote.ts';

test.each([
  ['plain', '"plain"'],
  ['"\\', '"\\"\\\\"'],
  ['\x07\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
  ['\x00\x1b\x7f', '"\\x00\\x1b\\x7f"'],
  ['\u0085\u00a0\u200b\u2028\ufeff', '"\\u0085\\u00a0\\u200b\\u2028\\ufeff"'],
  ['é中\u{1f600} <&>', '"é中\u{1f600} <&>"'],
  ['\u{e0001}', '"\\U000e0001"'],
])('%j is shown as Go shows it', (text, quoted) => {
  expect(goQuote(text)).toBe(quoted);
});
