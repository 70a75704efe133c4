import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countNodes } from './nodes.ts';
import { parseJson } from './parse.ts';
import { isJsonList, type JsonNode, JsonObject } from './tree.ts';

const tooLarge = expect.objectContaining({ code: 'exceeds_maximum_size' });

function nodesOf(node: JsonNode): number {
  const children = isJsonList(node) ? node : node instanceof JsonObject ? [...node.entries.values()] : [];
  return children.reduce((sum: number, child) => sum + nodesOf(child), 1);
}

test('every scalar, list and object counts one, keys and what stands in texts count nothing', () => {
  fc.assert(
    fc.property(fc.json(), fc.boolean(), (text, asBytes) => {
      const spaced = text.replaceAll(',"', ' ,\n"');
      expect(countNodes(asBytes ? Buffer.from(spaced) : spaced, 1e9)).toBe(nodesOf(parseJson(text)));
    }),
  );
  expect(countNodes('{ "a,[{" : [ ] , "b\\",": [ { } , "\\\\", [1] ] }', 1e9)).toBe(7);
});

test('a document is refused for one value too many, whether text or bytes, and whatever its blanks', () => {
  const list = (count: number) => `[ ${Array.from({ length: count }, () => '0').join(' ,')}]`;
  for (const read of [(text: string) => text, (text: string) => Buffer.from(text)]) {
    expect(() => parseJson(read(list(100)), { nodes: 100 })).toThrow(tooLarge);
    expect(parseJson(read(list(99)), { nodes: 100 })).toBeInstanceOf(Array);
  }
});

test('values are counted before anything is built: the count speaks before a syntax error does', () => {
  expect(() => parseJson(`[${'0,'.repeat(1000)}`, { nodes: 100 })).toThrow(tooLarge);
});

test('what was stored before has no limit of values', () => {
  expect(parseJson(`[${'0,'.repeat(200_000)}0]`)).toBeInstanceOf(Array);
});

test('a lone surrogate becomes ? and a pair is kept, also in a text of many pieces', () => {
  const text = `${'a'.repeat(16_383)}😀\\ud800${'😀'.repeat(20_000)}\\udc00b\ufffd`;
  const read = `${'a'.repeat(16_383)}😀?${'😀'.repeat(20_000)}?b\ufffd`;
  expect(parseJson(`"${text}"`)).toBe(read);
});
