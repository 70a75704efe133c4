import { describe, expect, test } from 'vitest';
import { isLoadedMap, readYamlV2, sourceOf, YamlEncodingError, YamlSyntaxError } from './read.ts';

function read(file: string | Uint8Array) {
  return readYamlV2(sourceOf(file), { keepWordKeys: true });
}

function bytes(...parts: (string | readonly number[])[]): Uint8Array {
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

describe('what is wrong is named with its place', () => {
  test.each([
    [bytes('a: ', [0xff]), 'invalid leading UTF-8 octet (line 1, offset 3)', 3],
    [bytes('a: b\n\nc: "', [0xc3, 0x28], '"'), 'invalid trailing UTF-8 octet (line 3, offset 11)', 11],
    [bytes('a: b\r\nc: é ', [0xe9]), 'incomplete UTF-8 octet sequence (line 2, offset 12)', 12],
    [bytes('a: b\nc: ', [7]), 'control characters are not allowed (line 2, offset 8)', 8],
    [bytes([0xff, 0xfe, 0x61, 0x00, 0x0a, 0x00, 0x00, 0xdc]), 'unexpected low surrogate area (line 2, offset 6)', 6],
  ])('%j', (file, problem, offset) => {
    expect(() => read(file)).toThrow(YamlEncodingError);
    expect(() => read(file)).toThrow(expect.objectContaining({ message: `yaml: ${problem}`, offset }));
  });

  test('the place of a wrong byte far down a long file', () => {
    const head = 'key: "ünï \u{1f600}"\n'.repeat(1000);
    expect(() => read(bytes(head, 'a: ', [0xff]))).toThrow(
      `invalid leading UTF-8 octet (line 1001, offset ${Buffer.byteLength(head) + 3})`,
    );
  });

  test.each([
    ['a: b\nc: "\\q"', 2, 'found unknown escape character'],
    ['a: b\n: c\n', 1, 'did not find expected key'],
    ['# c\n...\n', 1, 'did not find expected node content'],
    ['# c\n%YAML 1.2\n---\na', 1, 'found incompatible YAML document'],
    ['a:\n\t- b', 2, 'found character that cannot start any token'],
  ])('%j', (text, line, problem) => {
    expect(() => read(text)).toThrow(new YamlSyntaxError(problem, line));
  });
});

test('keys such as n and yes stay texts where they are to be kept, values are booleans', () => {
  expect(read('n: n\nyes: [on]')).toEqual({
    kind: 'map',
    entries: [
      ['n', false],
      ['yes', [true]],
    ],
  });
});

test('a document of 1,000 levels is read, and a deeper one is refused', () => {
  const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  expect(() => read(nested(1000))).not.toThrow();
  expect(() => read(nested(1001))).toThrow('yaml: the document is nested deeper than 1000 levels');
  expect(() => read(nested(10_001))).toThrow('yaml: exceeded max depth of 10000');
});

test('an alias is read once however often it is used', () => {
  const value = read('a: &a [x, y]\nb: *a\nc: *a');
  const entries = isLoadedMap(value) ? value.entries : [];
  expect(entries[1]?.[1]).toBe(entries[2]?.[1]);
});
