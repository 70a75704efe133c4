import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CredError } from '../errors.ts';
import { parseJson } from './parse.ts';
import { booleanOf, intOf, readFields, textOf } from './read.ts';
import { javaDouble, jsonText } from './text.ts';
import { JsonNumber, type JsonObject } from './tree.ts';

function again(text: string): string {
  return jsonText(parseJson(text));
}

function refused(act: () => unknown): void {
  expect(act).toThrow(CredError);
}

describe('reading JSON', () => {
  test('reads what JSON.parse reads, and gives it back', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const mine = JSON.parse(again(text)) as unknown;
        expect(mine).toEqual(JSON.parse(text.replaceAll('-0,', '0,').replaceAll(/-0([\]}]|$)/g, '0$1')));
      }),
    );
  });
  test('refuses what JSON.parse refuses, and nothing else, for broken texts', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '\\',
      '\\u00e9',
      '\\ud8',
      '1',
      '-',
      '.5',
      'e3',
      '0',
      'true',
      'nul',
      ' ',
      '\n',
      '\u0001',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        if (valid) parseJson(text);
        else refused(() => parseJson(text));
      }),
      { numRuns: 2000 },
    );
  });
  test.each([
    '',
    ' ',
    '{} x',
    '{"a":1,}',
    "{'a':1}",
    '/**/1',
    '01',
    '1.',
    '.5',
    '+1',
    'NaN',
    '"\t"',
    '"\\x"',
    '[1',
    '"a',
    '1e400',
    '-1e999',
  ])('refuses %j', (text) => {
    refused(() => parseJson(text));
  });
  test('refuses invalid UTF-8 and takes a byte order mark', () => {
    refused(() => parseJson(Uint8Array.of(0x22, 0xc3, 0x22)));
    refused(() => parseJson(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)));
    expect(parseJson(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31))).toEqual(new JsonNumber('1'));
  });
  test('takes 500 levels and 1,000 digits, not more', () => {
    const nested = (n: number) => '['.repeat(n) + ']'.repeat(n);
    expect(again(nested(500))).toBe(nested(500));
    refused(() => parseJson(nested(501)));
    expect(again('9'.repeat(1000))).toBe('9'.repeat(1000));
    refused(() => parseJson('9'.repeat(1001)));
    refused(() => parseJson(`0.${'1'.repeat(1000)}`));
  });
  test('keeps the order of keys, and of duplicates the last value', () => {
    expect(again('{"10":1,"b":2,"2":3,"b":4,"__proto__":5}')).toBe('{"10":1,"b":4,"2":3,"__proto__":5}');
  });
  test('puts ? for a lone surrogate and keeps U+FFFD and U+0000', () => {
    expect(parseJson('"a\\ud800b\\udc00\ufffd\\u0000\\ud83d\\ude00"')).toBe('a?b?\ufffd\u0000😀');
  });
});

describe('writing JSON', () => {
  test.each([
    ['1.10', '1.1'],
    ['1E5', '100000.0'],
    ['0.1e-7', '1.0E-8'],
    ['-0', '0'],
    ['-0.0', '-0.0'],
    ['1.0', '1.0'],
    ['1e25', '1.0E25'],
    ['123456789.125', '1.23456789125E8'],
    ['9999999.0', '9999999.0'],
    ['10000000.0', '1.0E7'],
    ['0.001', '0.001'],
    ['0.00099', '9.9E-4'],
    ['2.5e-3', '0.0025'],
    ['4.9e-324', '4.9E-324'],
    ['1e23', '1.0E23'],
    ['2e-323', '2.0E-323'],
    ['0.12345678901234567890', '0.12345678901234568'],
    ['12345678901234567890123', '12345678901234567890123'],
    ['1e-400', '0.0'],
  ])('writes %s as %s', (source, written) => {
    expect(again(source)).toBe(written);
  });
  test('prints every double so that it reads back as itself', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(javaDouble(value))).toBe(value);
      }),
    );
  });
});

describe('lenient kinds', () => {
  test('takes numeric texts and fractions as integers, but not null, words or more than 32 bits', () => {
    expect([intOf('40'), intOf(new JsonNumber('40.7')), intOf(new JsonNumber('-0.5')), intOf(' 7 ')]).toEqual([
      40, 40, 0, 7,
    ]);
    for (const node of [null, true, '', 'x', '1.5', new JsonNumber('2147483648')]) refused(() => intOf(node));
  });
  test('takes "true", "false" and integers as booleans', () => {
    expect([
      booleanOf('true'),
      booleanOf('false'),
      booleanOf(new JsonNumber('1')),
      booleanOf(new JsonNumber('0')),
    ]).toEqual([true, false, true, false]);
    for (const node of [null, 'yes', '', new JsonNumber('1.0')]) refused(() => booleanOf(node));
  });
  test('takes numbers and booleans as text in plain text fields', () => {
    expect([textOf(new JsonNumber('12')), textOf(true), textOf(null)]).toEqual(['12', 'true', null]);
  });
  test('names the first unknown key, in the order of the document', () => {
    const object = parseJson('{"a":1,"toString":2,"c":3}');
    expect(() => readFields(object as JsonObject, { a: { read: intOf } })).toThrow(
      expect.objectContaining({ code: 'invalid_json_key', args: { key: 'toString' } }),
    );
  });
});
