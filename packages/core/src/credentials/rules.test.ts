import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkName, checkNameLength, checkNewName } from '../identifiers/name.ts';
import { readUuid } from '../identifiers/uuid.ts';
import { parseJson } from '../json/parse.ts';
import { readFields } from '../json/read.ts';
import type { JsonObject } from '../json/tree.ts';
import { LEVELS } from '../level.ts';
import type { VersionRow } from '../ports/records.ts';
import { mapBounded } from './map-bounded.ts';
import { returnsStored } from './modes.ts';
import { checkModes, effectiveMode, modeField, overwriteField } from './request.ts';

function refusal(code: string, args?: Record<string, string>) {
  return expect.objectContaining(args ? { code, args } : { code });
}

describe('names', () => {
  test.each([
    [undefined, 'missing_name'],
    [null, 'missing_name'],
    ['', 'missing_name'],
    ['/', 'missing_name'],
    ['//', 'invalid_slash_in_name'],
    ['/a/', 'invalid_slash_in_name'],
    ['/a//b', 'invalid_slash_in_name'],
    ['/a b', 'invalid_character_in_name'],
    ['/é', 'invalid_character_in_name'],
    ['/a\n', 'invalid_character_in_name'],
    ['/a\u0000', 'invalid_character_in_name'],
    ['a'.repeat(1024), 'name_has_too_many_characters'],
  ])('%j is refused with %s', (name, code) => {
    expect(() => checkNameLength(checkName(name), LEVELS[2])).toThrow(refusal(code));
  });
  test('get their slash and keep their spelling', () => {
    expect(checkName('aZ09-_/.:,()[]+')).toBe('/aZ09-_/.:,()[]+');
    expect(checkName('/..')).toBe('/..');
  });
  test('of 256 characters can be used but not made at level 1', () => {
    const name = checkName('a'.repeat(255));
    expect(() => checkNewName(name, LEVELS[1])).toThrow(refusal('name_has_too_many_characters', { limit: '255' }));
    expect(() => checkNewName(name.slice(0, 255), LEVELS[1])).not.toThrow();
    expect(() => checkNewName(name, LEVELS[2])).not.toThrow();
  });
});

describe('modes', () => {
  const field = { mode: modeField(['no-overwrite', 'overwrite', 'converge']), overwrite: overwriteField };
  const mode = (body: string, level: 1 | 2) =>
    effectiveMode(
      checkModes(readFields(parseJson(body) as JsonObject, field), LEVELS[level]),
      LEVELS[level].defaultGenerateMode,
    );
  test.each([
    ['{}', 'no-overwrite', 'converge'],
    ['{"mode":null}', 'no-overwrite', 'converge'],
    ['{"overwrite":null}', 'no-overwrite', 'converge'],
    ['{"overwrite":true}', 'overwrite', 'overwrite'],
    ['{"overwrite":"false"}', 'no-overwrite', 'no-overwrite'],
    ['{"mode":"converge"}', 'converge', 'converge'],
    ['{"mode":1}', 'no-overwrite', 'no-overwrite'],
    ['{"mode":null,"overwrite":true}', 'overwrite', 'overwrite'],
  ])('%s means %s at level 1 and %s at level 2', (body, one, two) => {
    expect([mode(body, 1), mode(body, 2)]).toEqual([one, two]);
  });
  test('refuses mode beside overwrite: at level 2 also when overwrite is null', () => {
    const code = 'overwrite_and_mode_both_provided';
    expect(() => mode('{"mode":"overwrite","overwrite":true}', 1)).toThrow(refusal(code));
    expect(() => mode('{"mode":"converge","overwrite":null}', 2)).toThrow(refusal(code));
    expect(mode('{"mode":"converge","overwrite":null}', 1)).toBe('converge');
  });
  test.each(['"OVERWRITE"', '""', '"x"', '3', '{}'])('refuses the mode %s', (text) => {
    expect(() => mode(`{"mode":${text}}`, 2)).toThrow(refusal('bad_request'));
  });
  test('hit as the matrix says', () => {
    const row = {} as VersionRow;
    const stored = { name: '/x', plain: row, open: async () => null };
    const same = () => true;
    const other = () => false;
    expect(returnsStored('no-overwrite', undefined, same, undefined, undefined)).toBe(false);
    expect(returnsStored('no-overwrite', row, other, stored, undefined)).toBe(true);
    expect(returnsStored('overwrite', row, same, stored, undefined)).toBe(false);
    expect(returnsStored('converge', row, same, stored, undefined)).toBe(true);
    expect(returnsStored('converge', row, other, stored, undefined)).toBe(false);
    expect(returnsStored('converge', row, undefined, stored, undefined)).toBe(false);
    expect(returnsStored('converge', row, same, undefined, undefined)).toBe(false);
  });
});

describe('ids', () => {
  test('are read in upper case and with short groups, nothing else is an id', () => {
    expect(readUuid('1-1-1-1-1')).toBe('00000001-0001-0001-0001-000000000001');
    expect(readUuid('67FC3DEF-BBFB-4953-83F8-4AB0682AD675')).toBe('67fc3def-bbfb-4953-83f8-4ab0682ad675');
    for (const text of [
      '',
      'abc',
      '67fc3defbbfb495383f84ab0682ad675',
      '1-1-1-1',
      '1-1-1-1-',
      'g-1-1-1-1',
      '123456789-1-1-1-1',
    ]) {
      expect(readUuid(text)).toBeUndefined();
    }
    fc.assert(fc.property(fc.uuid(), (uuid) => readUuid(uuid) === uuid.toLowerCase()));
  });
});

describe('bounded work', () => {
  test('keeps order, never exceeds its width, and tells the first failure after all have ended', async () => {
    let running = 0;
    let most = 0;
    const work = async (n: number) => {
      running++;
      most = Math.max(most, running);
      await Promise.resolve();
      running--;
      if (n === 7) throw new Error('seven');
      return n * 2;
    };
    expect(await mapBounded([1, 2, 3, 4, 5], 2, work)).toEqual([2, 4, 6, 8, 10]);
    await expect(mapBounded([5, 6, 7, 8, 9], 2, work)).rejects.toThrow('seven');
    expect([most, running]).toEqual([2, 0]);
    expect(await mapBounded([], 2, work)).toEqual([]);
  });
});
