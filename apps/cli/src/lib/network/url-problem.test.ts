import { expect, test } from 'vitest';
import { urlProblem } from './url-problem.ts';

test.each([
  ['://x', 'missing protocol scheme'],
  ['https://a b', 'invalid character " " in host name'],
  ['https://[::1', "missing ']' in host"],
  ['https://h:abc', 'invalid port ":abc" after host'],
  ['https://h:1:2', 'invalid port ":1:2" after host'],
  ['https://ex%41mple', 'invalid URL escape "%41"'],
  ['https://h\n', 'net/url: invalid control character in URL'],
])('%j: %s', (address, problem) => {
  expect(urlProblem(address)).toBe(problem);
});

test.each(['https://h', 'https://h:', 'https://h:8844/x y', 'http://[::1]:8844', 'https://u:p@h:1', 'h', 'https://'])(
  '%j is taken',
  (address) => {
    expect(urlProblem(address)).toBeUndefined();
  },
);
