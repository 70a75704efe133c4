import { expect, test } from 'vitest';
import { parseQuery } from './query.ts';

const isJoined = (name: string): boolean => name !== 'current';

test('values of a repeated parameter are joined by a comma, empty ones included', () => {
  expect(parseQuery('/a?name=/a&name=/b', undefined, isJoined)).toEqual({ name: '/a,/b' });
  expect(parseQuery('/a?name=&name=', undefined, isJoined)).toEqual({ name: ',' });
  expect(parseQuery('/a?name=x&n%61me=y&name', undefined, isJoined)).toEqual({ name: 'x,y,' });
  expect(parseQuery('/a?__proto__=x&__proto__=y', undefined, isJoined)).toEqual(
    Object.fromEntries([['__proto__', 'x,y']]),
  );
});

test('fields of a form come after the parameters of the same name', () => {
  expect(parseQuery('/a?name=x', 'name=y&actor=z', isJoined)).toEqual({ name: 'x,y', actor: 'z' });
});

test('the first value counts where values are not joined', () => {
  expect(parseQuery('/a?current=true&current=false', undefined, isJoined)).toEqual({ current: 'true' });
  expect(parseQuery('/a?name=x&name=y')).toEqual({ name: 'x' });
});
