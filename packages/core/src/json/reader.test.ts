/** The reader by itself, without the rules of the server or of a command line. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cursor, type JsonRules, TOO_DEEP } from './cursor.ts';
import { cursorIn, readJson, readValue } from './reader.ts';
import { isJsonList, type JsonNode, JsonNumber, JsonObject } from './tree.ts';

class Refusal extends Error {
  readonly at: number;
  constructor({ at }: Cursor, context: string) {
    super(context);
    this.at = at;
  }
}

const RULES: JsonRules = {
  maxDepth: 20,
  refuse(cursor, context) {
    throw new Refusal(cursor, context);
  },
  key: (key) => key,
  text: (text) => text,
};

function refusalOf(text: string, rules = RULES): Refusal | undefined {
  try {
    readJson(cursorIn(text, rules));
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function plain(node: JsonNode): unknown {
  if (isJsonList(node)) return node.map(plain);
  if (node instanceof JsonNumber) return Number(node.text);
  if (!(node instanceof JsonObject)) return node;
  return Object.fromEntries(Array.from(node.entries, ([key, value]) => [key, plain(value)]));
}

describe('reading', () => {
  test('gives what JSON.parse gives, half surrogate pairs included', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5, stringUnit: 'binary' }), (text) => {
        expect(plain(readJson(cursorIn(text, RULES)))).toEqual(JSON.parse(text));
      }),
    );
    expect(readJson(cursorIn('"\\ud800\\uDC00\\ud800"', RULES))).toBe('\u{10000}\ud800');
  });

  test('keeps the spelling of each number', () => {
    for (const text of ['-0', '1.50', '1E+05', '123456789012345678901234567890', '1e400']) {
      expect(readJson(cursorIn(text, RULES))).toEqual(new JsonNumber(text));
    }
  });

  test('leaves the cursor behind the first value of several', () => {
    const cursor = cursorIn(' {"a":[1]} true', RULES);
    readValue(cursor);
    expect(cursor.at).toBe(10);
    expect(readValue(cursor)).toBe(true);
  });
});

describe('refusing', () => {
  test('a text that is cut off is refused at its end, and nowhere before', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.nat(), (text, at) => {
        const beginning = text.slice(0, at % text.length);
        // A number that is cut off may be a number.
        expect(refusalOf(beginning)?.at ?? beginning.length).toBe(beginning.length);
      }),
    );
  });

  test('a control character is refused where it stands', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5, noUnicodeString: true }), fc.nat(), (text, place) => {
        const at = place % (text.length + 1);
        expect(refusalOf(`${text.slice(0, at)}\u0001${text.slice(at)}`)?.at).toBe(at);
      }),
    );
  });

  test.each([
    ['{"a":1', 6, 'after object key:value pair'],
    ['{1:2}', 1, 'looking for beginning of object key string'],
    ['{"a" 1}', 5, 'after object key'],
    ['[1 2]', 3, 'after array element'],
    ['nul1', 3, "in literal null (expecting 'l')"],
    ['-a', 1, 'in numeric literal'],
    ['1.e1', 2, 'after decimal point in numeric literal'],
    ['1e+x', 3, 'in exponent of numeric literal'],
    ['"a\\q"', 3, 'in string escape code'],
    ['"\\u00g0"', 5, 'in \\u hexadecimal character escape'],
    ['01', 1, 'after top-level value'],
  ])('%s is refused at %i: %s', (text, at, context) => {
    expect(refusalOf(text)).toMatchObject({ at, message: context });
  });

  test('nesting is refused beyond the depth of the rules', () => {
    const nested = (depth: number): string => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`;
    expect(refusalOf(nested(20))).toBeUndefined();
    expect(refusalOf(nested(22))).toMatchObject({ at: 60, message: TOO_DEEP });
  });
});

test('keys, texts and numbers pass the rules', () => {
  const numbers: string[] = [];
  const rules: JsonRules = {
    ...RULES,
    key: (key) => key.toUpperCase(),
    text: (text) => `<${text}>`,
    checkNumber: (text) => {
      numbers.push(text);
    },
  };
  expect(plain(readJson(cursorIn('{"a":"b","c":[1,2.5]}', rules)))).toEqual({ A: '<b>', C: [1, 2.5] });
  expect(numbers).toEqual(['1', '2.5']);
});
