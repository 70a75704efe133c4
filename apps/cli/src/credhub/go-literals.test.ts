import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDuration, parseInteger, unquote } from './go-literals.ts';

describe('unquote', () => {
  test.each([
    ['plain', 'plain'],
    ['', ''],
    ['"a\\tb"', 'a\tb'],
    ['"\\x41\\101\\u00e9\\U0001F600"', 'AAé😀'],
    ['"\\xc3\\xa9"', 'é'],
    ['"say \\"hi\\""', 'say "hi"'],
  ])('%s becomes %j', (word, expected) => {
    expect(unquote(word)).toBe(expected);
  });

  test.each(['"open', '"', '"a"b"', '"\\q"', '"\\u12"', '"\\ud800"', '"\\400"', '"line\nbreak"'])(
    '%j is refused',
    (word) => {
      expect(() => unquote(word)).toThrow('invalid syntax');
    },
  );

  test('gives back any text that JSON quotes, as Go reads those escapes too', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(unquote(JSON.stringify(text).replaceAll('\\/', '/'))).toBe(text);
      }),
    );
  });
});

describe('parseInteger', () => {
  test.each([
    ['16', 16n],
    ['-5', -5n],
    ['+7', 7n],
    ['0x10', 16n],
    ['0b101', 5n],
    ['0o17', 15n],
    ['017', 15n],
    ['0', 0n],
    ['1_000', 1000n],
    ['0x_ff', 255n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
  ])('%s is %s', (word, expected) => {
    expect(parseInteger(word)).toBe(expected);
  });

  test.each(['', 'abc', '1.5', '08', '1__0', '_1', '1_', '0x', ' 1'])('%j is no integer', (word) => {
    expect(() => parseInteger(word)).toThrow(`strconv.ParseInt: parsing ${JSON.stringify(word)}: invalid syntax`);
  });

  test('what does not fit 64 bits is out of range', () => {
    expect(() => parseInteger('9223372036854775808')).toThrow(': value out of range');
  });
});

describe('parseDuration', () => {
  test.each([
    ['30s', 30_000_000_000n],
    ['1m30s', 90_000_000_000n],
    ['500ms', 500_000_000n],
    ['1.5h', 5_400_000_000_000n],
    ['-2us', -2000n],
    ['0', 0n],
    ['.5s', 500_000_000n],
  ])('%s is %s ns', (word, expected) => {
    expect(parseDuration(word)).toBe(expected);
  });

  test.each([
    ['abc', 'time: invalid duration "abc"'],
    ['', 'time: invalid duration ""'],
    ['3', 'time: missing unit in duration "3"'],
    ['\u00e9"', 'time: invalid duration "\\xc3\\xa9\\""'],
    ['9999999999999999999', 'time: invalid duration "9999999999999999999"'],
    ['3x', 'time: unknown unit "x" in duration "3x"'],
    ['1m3', 'time: missing unit in duration "1m3"'],
  ])('%j fails as Go says it', (word, message) => {
    expect(() => parseDuration(word)).toThrow(message);
  });
});
