import { expect, test } from 'vitest';
import { findNearest } from './nearest.ts';

const COMMANDS = ['cloud', 'completion', 'identity-tokens', 'login', 'logout', 'rebac', 'whoami'];

test.each([
  ['clod', 'cloud'],
  ['colud', 'cloud'],
  ['Cloud', 'cloud'],
  ['ident', 'identity-tokens'],
  ['logn', 'login'],
  ['logot', 'logout'],
  ['whoaim', 'whoami'],
  ['reback', 'rebac'],
  ['', undefined],
  ['x', undefined],
  ['xy', undefined],
  ['helloworld', undefined],
])('%j is nearest to %j', (word, expected) => {
  expect(findNearest(word, COMMANDS)).toBe(expected);
});
