import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isUuid, NIL_UUID, readUuid, UUID_PATTERN } from './uuid.ts';

const groups = fc.tuple(
  ...[8, 4, 4, 4, 12].map((length) =>
    fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length }),
  ),
);

describe('a UUID', () => {
  test('is known whatever its version and case', () => {
    fc.assert(
      fc.property(groups, (parts) => {
        const uuid = parts.join('-');
        expect([isUuid(uuid), isUuid(uuid.toUpperCase())]).toEqual([true, true]);
        expect(readUuid(uuid.toUpperCase())).toBe(uuid);
      }),
    );
    expect(isUuid(NIL_UUID)).toBe(true);
  });

  test('is read without the leading zeros of its groups, which alone is no complete one', () => {
    fc.assert(
      fc.property(groups, (parts) => {
        const uuid = parts.join('-');
        const short = parts.map((part) => part.replace(/^0+(?=.)/, '')).join('-');
        expect(readUuid(short)).toBe(uuid);
        expect(isUuid(short)).toBe(short === uuid);
      }),
    );
  });

  test.each(['', '-', NIL_UUID.slice(1), `${NIL_UUID}0`, ` ${NIL_UUID}`, `${NIL_UUID}\n`, NIL_UUID.replace('0', 'g')])(
    '%j is none',
    (text) => {
      expect(isUuid(text)).toBe(false);
    },
  );

  test('is found inside another text by its pattern', () => {
    expect(new RegExp(`_(${UUID_PATTERN})_`).exec(`a_${NIL_UUID}_b`)?.[1]).toBe(NIL_UUID);
  });
});
