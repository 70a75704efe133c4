import { expect, test } from 'vitest';
import { connectionOptions } from './connection-options.ts';

test('an ordinary URL, with its escapes', () => {
  expect(connectionOptions('postgres://us%40er:p%2Fw@db.example:6432/na%20me')).toEqual({
    host: 'db.example',
    port: 6432,
    user: 'us@er',
    password: 'p/w',
    database: 'na me',
    ssl: false,
  });
});

test('a socket folder, as libpq writes it', () => {
  expect(connectionOptions('postgresql:///d?host=/run/pg&user=u')).toMatchObject({
    host: '/run/pg',
    port: 5432,
    user: 'u',
    database: 'd',
  });
});

test.for([
  ['require', 'require'],
  ['verify-full', { rejectUnauthorized: true }],
] as const)('sslmode %s', ([mode, ssl]) => {
  expect(connectionOptions(`postgres://h/d?sslmode=${mode}`).ssl).toEqual(ssl);
});

test.for(['mysql://u:canary@h/d', 'postgres//canary', 'postgres://u:canary@h/d?sslmode=canary'])(
  'a wrong URL is refused without showing it: %s',
  (url) => {
    expect(() => connectionOptions(url)).toThrow(/^(?!.*canary).*database\.url/);
  },
);
