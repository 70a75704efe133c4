import { expect, test } from 'vitest';
import { canonicalHeaderName } from './header-names.ts';

test.each([
  ['location', 'Location'],
  ['x-correlation-id', 'X-Correlation-Id'],
  ['retry-after', 'Retry-After'],
  ['www-authenticate', 'WWW-Authenticate'],
  ['Content-Type', 'Content-Type'],
  ['etag', 'ETag'],
  ['x-b3-traceid', 'X-B3-Traceid'],
])('%s is written as %s', (name, spelling) => {
  expect(canonicalHeaderName(name)).toBe(spelling);
});
