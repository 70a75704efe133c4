import { expect, test } from 'vitest';
import { compactJson } from '../format/json.ts';
import { parseJson } from '../format/parse-json.ts';
import { requestTree } from './request-tree.ts';

test('fields are sent in the order they are written, without those that are undefined', () => {
  const body = { name: '/a', type: undefined, mode: null, overwrite: true, list: ['b', 1, { c: 2n }] };
  expect(compactJson(requestTree(body))).toBe('{"name":"/a","mode":null,"overwrite":true,"list":["b",1,{"c":2}]}');
});

test('a tree inside a body keeps its keys and all digits of its numbers', () => {
  const value = parseJson('{"2":12345678901234567890,"1":{"kind":"number","text":"x"},"kind":"object"}');
  expect(compactJson(requestTree({ value }))).toBe(
    '{"value":{"1":{"kind":"number","text":"x"},"2":12345678901234567890,"kind":"object"}}',
  );
});

test('what JSON cannot say is a mistake of the program', () => {
  expect(() => requestTree({ value: () => 1 })).toThrow(TypeError);
});
