import { expect, test } from 'vitest';
import { escapePath, parseUrl, sortedQuery } from './go-url.ts';

test.each([
  ['://x', 'parse "://x": missing protocol scheme'],
  ['https://a b', 'parse "https://a b": invalid character " " in host name'],
  ['https://[::1', 'parse "https://[::1": missing \']\' in host'],
  ['https://h:abc', 'parse "https://h:abc": invalid port ":abc" after host'],
  ['https://h:1:2x', 'parse "https://h:1:2x": invalid port ":2x" after host'],
  ['https://ex%41mple', 'parse "https://ex%41mple": invalid URL escape "%41"'],
  ['https://h\n#x', 'parse "https://h\\n": net/url: invalid control character in URL'],
  ['/a%zz', 'parse "/a%zz": invalid URL escape "%zz"'],
  ['a:b', undefined],
  ['é:b', 'parse "é:b": first path segment in URL cannot contain colon'],
])('%j: %s', (address, problem) => {
  const parse = (): unknown => parseUrl(address);
  if (problem === undefined) expect(parse).not.toThrow();
  else expect(parse).toThrow(problem);
});

test.each([
  ['https://h:8844/x y', '/x%20y'],
  ['http://[::1]:8844/a', '/a'],
  ['//h/a%2Fb', '/a/b'],
  ["api/(é)!*'[x]", 'api/%28%C3%A9%29%21%2A%27%5Bx%5D'],
  ['/a;b:c@$&+,=~', '/a;b:c@$&+,=~'],
])('the path of %j is sent as %s', (address, path) => {
  expect(escapePath(parseUrl(address).path)).toBe(path);
});

test('a query is decoded, sorted and encoded again', () => {
  expect(sortedQuery(parseUrl('/x?b=2&a=%2f+x&&b=1&c&d=%FF').query)).toBe('a=%2F+x&b=2&b=1&c=&d=%FF');
  expect(() => sortedQuery('a=%zz')).toThrow('invalid URL escape "%zz"');
  expect(() => sortedQuery('a;b')).toThrow('invalid semicolon separator in query');
});
