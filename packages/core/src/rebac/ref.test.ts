import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatObject, formatSubject, formatTuple, parseObject, parseSubject, parseTuple } from './ref.ts';

const word = fc
  .stringMatching(/^[a-z][a-z0-9_]{0,20}$/)
  .filter((type) => type !== 'service' && type !== 'cloud_credential');
const id = fc.stringMatching(/^[!-"$-9;-?A-~]{1,40}$/);
const object = fc.record({ type: word, id });
const subject = fc.oneof(object, fc.record({ type: word, id, relation: word }));

describe('references', () => {
  test('an object, a subject and a tuple come back from their text as they were', () => {
    fc.assert(
      fc.property(object, (ref) => {
        expect(parseObject(formatObject(ref))).toEqual(ref);
      }),
    );
    fc.assert(
      fc.property(subject, (ref) => {
        expect(parseSubject(formatSubject(ref))).toEqual(ref);
      }),
    );
    fc.assert(
      fc.property(object, word, subject, (resource, relation, who) => {
        expect(parseTuple(formatTuple({ resource, relation, subject: who }))).toEqual({
          resource,
          relation,
          subject: who,
        });
      }),
    );
  });

  test('any text is either refused or read into something that formats to a text of the same meaning', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = parseTuple(text);
        if (read !== undefined) expect(parseTuple(formatTuple(read))).toEqual(read);
      }),
    );
  });

  test.each([
    '',
    'cloud',
    'cloud:',
    ':x',
    'Cloud:x',
    'cloud:a b',
    'cloud:a:b',
    'cloud:a#b',
    'cloud:a@b',
    'cloud:ä',
    'cloud:\0',
  ])('refuses %j as an object', (text) => expect(parseObject(text)).toBeUndefined());

  test('a UUID is the same in capitals, another id is not', () => {
    const uuid = '0197F3C2-8F60-7CC5-9D9B-6F1F3B6A2D11';
    expect(parseObject(`cloud:${uuid}`)).toEqual({ type: 'cloud', id: uuid.toLowerCase() });
    expect(parseSubject(`group:${uuid}#member`)).toMatchObject({ id: uuid.toLowerCase(), relation: 'member' });
    expect(parseTuple(`cloud:${uuid}#operator@user:${uuid}`)).toEqual(
      parseTuple(`cloud:${uuid.toLowerCase()}#operator@user:${uuid.toLowerCase()}`),
    );
    expect(parseObject('group:OPS')).toEqual({ type: 'group', id: 'OPS' });
  });

  test('knows the other spellings of a type', () => {
    expect(parseObject('service:1')).toEqual({ type: 'serviceaccount', id: '1' });
    expect(parseObject('service-identity:1')).toEqual({ type: 'serviceaccount', id: '1' });
    expect(parseObject('cloud_credential:1')).toEqual({ type: 'cloudcredential', id: '1' });
    expect(parseObject('constructor:1')).toEqual({ type: 'constructor', id: '1' });
  });
});
