import { credhub, plexsphere, type QuerySpec, readQuery } from '@credplex/contract';
import { expect, test } from 'vitest';
import { parseQuery } from './query.ts';

/** What a handler gets for a target; the names of the parameters at fault where it is refused. */
function read(spec: QuerySpec, target: string, more?: string): unknown {
  const query = readQuery(spec, parseQuery(target, more) ?? {});
  return query.success ? query.data : { faults: query.issues.map(({ path }) => path.join('.')) };
}
const { listCertificates, findPermission, getCertificateVersions, getCredentials, deleteCredential } = credhub;

test('texts of a repeated parameter are kept in order, empty ones included', () => {
  expect(parseQuery('/a?name=/a&name=/b')).toEqual({ name: ['/a', '/b'] });
  expect(parseQuery('/a?name=x&n%61me=y&name')).toEqual({ name: ['x', 'y', ''] });
  expect(parseQuery('/a?__proto__=x&__proto__=y')).toEqual(Object.fromEntries([['__proto__', ['x', 'y']]]));
});

test('CredHub joins the values of a repeated text by a comma', () => {
  expect(read(listCertificates.query, '/a?name=/a&name=/b')).toEqual({ name: '/a,/b' });
  expect(read(listCertificates.query, '/a?name=&name=')).toEqual({ name: ',' });
});

test('fields of a form come after the parameters of the same name', () => {
  expect(read(findPermission.query, '/a?path=x', 'path=y&actor=z')).toEqual({ path: 'x,y', actor: 'z' });
});

test('of a repeated boolean or integer the first counts, without the blanks around it', () => {
  expect(read(getCertificateVersions.query, '/a?current=+TRUE%20&current=x')).toEqual({ current: true });
  expect(read(getCertificateVersions.query, '/a?current=&current=true')).toEqual({ current: undefined });
  expect(read(getCredentials.query, '/a?name=n&versions=%0A+2&versions=x')).toEqual({
    variant: 'byName',
    name: 'n',
    versions: 2,
  });
});

test('Plexsphere takes the first value of each parameter', () => {
  expect(read(plexsphere.listClouds.query, '/a?limit=7&limit=x&cursor=&cursor=c')).toEqual({ limit: 7 });
});

test('the parameters that are given choose which others count', () => {
  expect(read(getCredentials.query, '/a?path=/p&versions=x')).toEqual({ variant: 'find', path: '/p' });
  expect(read(getCredentials.query, '/a?paths=on&current=x')).toEqual({ variant: 'paths', paths: true });
  expect(read(getCredentials.query, '/a?paths=x&name=n&expires-within-days=x')).toEqual({
    variant: 'byName',
    name: 'n',
  });
});

test('faults are named in order: an absent name, kinds of the others, an empty name', () => {
  expect(read(getCredentials.query, '/a?current=x')).toEqual({ faults: ['name', 'current'] });
  expect(read(getCredentials.query, '/a?name=&versions=x')).toEqual({ faults: ['versions'] });
  expect(read(getCredentials.query, '/a?name=')).toEqual({ faults: ['name'] });
  expect(read(getCredentials.query, '/a?path=&name-like=&expires-within-days=x')).toEqual({ faults: ['path'] });
  expect(read(deleteCredential.query, '/a?name=')).toEqual({ faults: ['name'] });
});
