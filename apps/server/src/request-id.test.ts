import { expect, test } from 'vitest';
import { requestIdOf } from './request-id.ts';

function of(headers: Readonly<Record<string, string>>) {
  return requestIdOf((name) => headers[name]);
}

const longest = 'a'.repeat(128);

test.each([
  ['x-request-id', 'b3c1.A_z-9'],
  ['x-request-id', longest],
  ['x-correlation-id', 'abc'],
  ['x-vcap-request-id', 'abc'],
])('%s is accepted when it is well formed', (header, id) => {
  expect(of({ [header]: id })).toEqual({ id, header });
});

test.each(['', 'a b', 'a,b', 'a\nb', 'a=b', 'ä', `${longest}a`, '{}', 'a/b'])(
  '%j is malformed, and the request gets a new id',
  (id) => {
    expect(of({ 'x-request-id': id })).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), header: undefined });
  },
);

test('the first well-formed header is used', () => {
  expect(of({ 'x-request-id': 'a b', 'x-correlation-id': 'c', 'x-vcap-request-id': 'v' }).id).toBe('c');
  expect(of({ 'x-request-id': 'r', 'x-correlation-id': 'c' }).id).toBe('r');
});
