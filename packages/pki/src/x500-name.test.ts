import type { SubjectFields } from '@credplex/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hexOf } from './der-read.ts';
import { OID } from './oids.ts';
import { encodeName, encodeSubject, nameKey, readName, subjectFields } from './x500-name.ts';

function key(subject: SubjectFields): string {
  return nameKey(readName(encodeSubject(subject)));
}

const string = fc.string({ unit: 'binary', minLength: 1 });
const subjects = fc.record(
  {
    common_name: string,
    organization: string,
    organization_unit: string,
    locality: string,
    state: string,
    country: string,
  },
  { requiredKeys: [] },
);

describe('a subject', () => {
  test('is written in the order CN, OU, C, ST, O, L', () => {
    const der = encodeSubject({
      locality: 'l',
      organization: 'o',
      state: 's',
      country: 'c',
      organization_unit: 'u',
      common_name: 'n',
    });
    expect(readName(der).map(([attribute]) => attribute?.text)).toEqual(['n', 'u', 'c', 's', 'o', 'l']);
  });

  test.each([['a-z (0)'], ["A'b+c,d=e?/.:"], ['a*b'], ['a@b'], ['ü'], ['']])(
    '%s is a PrintableString when its characters allow, else a UTF8String',
    (value) => {
      const [attribute] = readName(encodeSubject({ common_name: value })).flat();
      const printable = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value);
      expect(attribute?.value.tag).toBe(printable ? 0x13 : 0x0c);
    },
  );

  test('holds every value as one attribute, whatever characters are in it', () => {
    fc.assert(
      fc.property(subjects, (subject) => {
        const name = readName(encodeSubject(subject));
        expect(name.length).toBe(Object.keys(subject).length);
        expect(name.every((rdn) => rdn.length === 1)).toBe(true);
        expect(subjectFields(name)).toEqual(subject);
      }),
    );
  });

  test.each(['x,O=evil', 'a+b', '"quoted"', '#0403', 'a\\b', '<>;', ' blanks ', 'CN=y', 'a\0b'])(
    'keeps %j inside of its attribute',
    (value) => {
      const name = readName(encodeSubject({ common_name: value, organization: 'o' }));
      expect(name.map((rdn) => rdn.map(({ text }) => text))).toEqual([[value], ['o']]);
    },
  );
});

describe('two names are the same', () => {
  test.each<[string, SubjectFields, SubjectFields]>([
    ['but for case', { common_name: 'One' }, { common_name: 'oNE' }],
    ['but for inner and outer blanks', { common_name: ' a   b' }, { common_name: 'a b' }],
  ])('%s', (_, one, other) => {
    expect(key(one)).toBe(key(other));
  });

  test('but for the order of their attributes', () => {
    const [cn, o] = [[{ oid: OID.commonName, value: 'a' }], [{ oid: OID.organization, value: 'b' }]] as const;
    expect(nameKey(readName(encodeName([cn, o])))).toBe(nameKey(readName(encodeName([o, cn]))));
  });

  test('but for the string type', () => {
    // CN=a as UTF8String, PrintableString, BMPString, T61String.
    const names = [
      '300c310a300806035504030c0161',
      '300c310a30080603550403130161',
      '300d310b300906035504031e020061',
      '300c310a30080603550403140161',
    ];
    expect(new Set(names.map((hex) => nameKey(readName(Buffer.from(hex, 'hex'))))).size).toBe(1);
  });

  test.each<[string, SubjectFields, SubjectFields]>([
    ['another value', { common_name: 'a' }, { common_name: 'b' }],
    ['another attribute', { common_name: 'a' }, { organization: 'a' }],
    ['one more attribute', { common_name: 'a' }, { common_name: 'a', organization: 'a' }],
    ['a value that looks like the key of another', { common_name: 'a","550403=b' }, { common_name: 'a' }],
  ])('but not with %s', (_, one, other) => {
    expect(key(one)).not.toBe(key(other));
  });
});

describe('a name of several attributes in one RDN', () => {
  test('is a SET in ascending order', () => {
    const ou = (value: string) => ({ oid: OID.organizationUnit, value });
    const one = encodeName([[ou('b'), ou('a'), ou('c')]]);
    expect(hexOf(one)).toBe(hexOf(encodeName([[ou('c'), ou('b'), ou('a')]])));
    expect(readName(one).map((rdn) => rdn.map(({ text }) => text))).toEqual([['a', 'b', 'c']]);
  });
});
