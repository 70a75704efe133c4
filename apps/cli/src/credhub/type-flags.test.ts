import { CREDENTIAL_TYPES } from '@credplex/core';
import { describe, expect, test } from 'vitest';
import Generate from './commands/generate.ts';
import SetCommand from './commands/set.ts';

/** Parameters whose flag is not named after them. */
const IRREGULAR: Readonly<Record<string, string>> = {
  alternative_names: 'alternative-name',
  extended_key_usage: 'ext-key-usage',
};

function kebabCase(name: string): string {
  return name.replaceAll('_', '-');
}

describe('a new type or parameter gets its flag', () => {
  for (const type of CREDENTIAL_TYPES) {
    const { generation } = type as { generation?: { parameters: object } };
    for (const parameter of Object.keys(generation?.parameters ?? {})) {
      test(`${type.name}: generate has a flag for ${parameter}`, () => {
        expect(Object.keys(Generate.flags)).toContain(IRREGULAR[parameter] ?? kebabCase(parameter));
      });
    }
    test(`${type.name}: the help of set names it, and that of generate where it can be generated`, () => {
      expect(SetCommand.flags.type.summary).toContain(`'${type.name}'`);
      expect(Generate.flags.type.summary?.includes(`'${type.name}'`)).toBe(generation !== undefined);
    });
  }
});
