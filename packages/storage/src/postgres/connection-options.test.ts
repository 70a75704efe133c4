import type { PeerCertificate, ConnectionOptions as TlsOptions } from 'node:tls';
import { expect, test } from 'vitest';
import { connectionOptions } from './connection-options.ts';

test('an ordinary URL, with its escapes', () => {
  expect(connectionOptions('postgres://us%40er:p%2Fw@db.example:6432/na%20me')).toEqual({
    host: 'db.example',
    port: 6432,
    user: 'us@er',
    password: 'p/w',
    database: 'na me',
    ssl: 'prefer',
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

test('an account and a socket folder, with and without a password', () => {
  const socket = { host: '/run/pg', user: 'u', database: 'd', ssl: false };
  expect(connectionOptions('postgres://u:p%40@/d?host=/run/pg')).toEqual({ ...socket, password: 'p@', port: 5432 });
  expect(connectionOptions('postgres://u@:6432/d?host=/run/pg')).toEqual({ ...socket, port: 6432 });
  expect(connectionOptions('postgres://u@%2Frun%2Fpg/d')).toEqual({ ...socket, port: 5432 });
});

test.for(['localhost', '127.0.0.1', '[::1]'])('no TLS to %s unless it is asked for', (host) => {
  expect(connectionOptions(`postgres://u@${host}/d`).ssl).toBe(false);
  expect(connectionOptions(`postgres://u@${host}/d?sslmode=require`).ssl).toBe('require');
});

test('an IPv6 address goes to the driver whole', () => {
  expect(connectionOptions('postgres://u@[::1]:6432/d')).toMatchObject({ host: ['::1'], port: [6432] });
});

test('verify-full looks for the host of the URL in the certificate, an address as well', () => {
  const { ssl } = connectionOptions('postgres://u@10.0.0.7/d?sslmode=verify-full');
  const check = (ssl as TlsOptions).checkServerIdentity;
  const peer = (subjectaltname: string) => ({ subject: { CN: 'x' }, subjectaltname }) as unknown as PeerCertificate;
  expect(check?.('localhost', peer('IP Address:10.0.0.7'))).toBeUndefined();
  expect(check?.('localhost', peer('DNS:localhost'))).toBeInstanceOf(Error);
});

test.for([
  ['require', 'require'],
  ['verify-full', { rejectUnauthorized: true, checkServerIdentity: expect.any(Function) }],
] as const)('sslmode %s', ([mode, ssl]) => {
  expect(connectionOptions(`postgres://h/d?sslmode=${mode}`).ssl).toEqual(ssl);
});

test.for([
  'mysql://u:canary@h/d',
  'postgres//canary',
  'postgres://u:canary@h/d?sslmode=canary',
  'postgres://u:canary%zz@h/d',
])('a wrong URL is refused without showing it: %s', (url) => {
  expect(() => connectionOptions(url)).toThrow(/^(?!.*canary).*database\.url/);
});
