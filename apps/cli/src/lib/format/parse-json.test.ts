import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compactJson, printCurlJson } from './json.ts';
import { JsonSyntaxError, parseJson } from './parse-json.ts';

describe('messages are those of the original', () => {
  test.each([
    ['', 'unexpected end of JSON input'],
    ['{bad', "invalid character 'b' looking for beginning of object key string"],
    ['oops', "invalid character 'o' looking for beginning of value"],
    ['<html>', "invalid character '<' looking for beginning of value"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
    ['[1 2]', "invalid character '2' after array element"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['1 2', "invalid character '2' after top-level value"],
    ['01', "invalid character '1' after top-level value"],
    ['-x', "invalid character 'x' in numeric literal"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1ex', "invalid character 'x' in exponent of numeric literal"],
    ['trux', "invalid character 'x' in literal true (expecting 'e')"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ['"\u0001"', "invalid character '\\x01' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
    ["'a'", "invalid character '\\'' looking for beginning of value"],
    ['é', "invalid character 'Ã' looking for beginning of value"],
    ['"open', 'unexpected end of JSON input'],
    ['tru', "invalid character ' ' in literal true (expecting 'e')"],
    ['1.', "invalid character ' ' after decimal point in numeric literal"],
    ['"\\', "invalid character ' ' in string escape code"],
  ])('%j', (text, message) => {
    expect(() => parseJson(text)).toThrow(new JsonSyntaxError(message));
  });
});

test('it reads exactly what is JSON, as JavaScript does', () => {
  const nearly = fc.oneof(fc.json(), fc.string({ unit: fc.constantFrom(...'{}[]:,"\\u0123e.-+ tfn', 'true', 'null') }));
  fc.assert(
    fc.property(nearly, (text) => {
      let expected: unknown;
      try {
        expected = JSON.parse(text);
      } catch {
        expect(() => parseJson(text)).toThrow(JsonSyntaxError);
        return;
      }
      // Through stringify once more, which knows neither minus zero nor numbers without an end.
      const read = JSON.stringify(JSON.parse(compactJson(parseJson(text))));
      expect(JSON.parse(read)).toEqual(JSON.parse(JSON.stringify(expected).toWellFormed()));
    }),
    { numRuns: 1000 },
  );
});

test('integer-like keys, repeated keys, long integers and half surrogate pairs', () => {
  expect(compactJson(parseJson('{"b":1,"10":2,"9":3,"b":4,"i":9007199254740993}'))).toBe(
    '{"10":2,"9":3,"b":4,"i":9007199254740993}',
  );
  expect(parseJson('"\\ud800x"')).toBe('\ufffdx');
});

test('nesting beyond what a server stores is refused, not a crash', () => {
  expect(() => parseJson('['.repeat(100_000))).toThrow('exceeded max depth');
});

test('curl output is indented by two blanks and escapes markup', () => {
  expect(printCurlJson(parseJson('{"b":[],"a":{"x":"<a>&"}}'))).toBe(
    '{\n  "a": {\n    "x": "\\u003ca\\u003e\\u0026"\n  },\n  "b": []\n}\n',
  );
});
