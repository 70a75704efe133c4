import type { CredhubRoutes, PlexsphereRoutes } from '@credplex/contract';
import type { AnswerBody } from '@credplex/contract/client';
import { expect, expectTypeOf, test } from 'vitest';
import { cloudColumns } from '../../plexctl/columns.ts';
import { printObject } from '../../plexctl/output.ts';
import { type Document, documentOf, fieldOf, listOf, textOf } from './document.ts';
import { parseJson } from './parse-json.ts';

type Certificates = AnswerBody<CredhubRoutes, 'GET /api/v1/certificates'>;
const certificates = documentOf<Certificates>(parseJson('{"certificates":[{"name":"/a","versions":[{"id":"i"}]}]}'));

test('a document is read by the names of its route, at every depth', () => {
  const [certificate] = listOf(certificates, 'certificates');
  expect(textOf(certificate, 'name')).toBe('/a');
  expect(textOf(listOf(certificate, 'versions')[0], 'id')).toBe('i');
  expectTypeOf(fieldOf(certificate, 'signs')).toEqualTypeOf<Document<string[]> | undefined>();
});

test('a name that the answer does not have does not compile', () => {
  // @ts-expect-error because the list has another name
  expect(listOf(certificates, 'certs')).toEqual([]);
  // @ts-expect-error because a certificate has no such field
  expect(textOf(listOf(certificates, 'certificates')[0], 'title')).toBeUndefined();
  // @ts-expect-error because a value without a route has no names
  expect(textOf(parseJson('{}'), 'name')).toBeUndefined();
});

test('a column that shows a field of another object does not compile', () => {
  const self = documentOf<AnswerBody<PlexsphereRoutes, 'GET /v1/auth/whoami'>>(null);
  // @ts-expect-error because whoami answers no cloud
  expect(() => printObject(self, cloudColumns, {}, {})).toThrow(TypeError);
});

test('a field of another kind than the contract says is looked at and not believed', () => {
  const other = documentOf<Certificates>(parseJson('{"certificates":7}'));
  expect(listOf(other, 'certificates')).toEqual([]);
});
