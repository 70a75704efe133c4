import { CREDENTIAL_TYPES } from '@credplex/core';
import { describe, expect, it } from 'vitest';
import { GENERATE_FLAGS, SET_FLAGS } from './flags.ts';

/** Parameters whose flag is not named after them. */
const IRREGULAR: Readonly<Record<string, keyof typeof GENERATE_FLAGS>> = {
  alternative_names: 'alternativeName',
  extended_key_usage: 'extKeyUsage',
};

const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

describe('a new type or parameter gets its flag', () => {
  for (const type of CREDENTIAL_TYPES) {
    const { generation } = type as { generation?: { parameters: object } };
    for (const parameter of Object.keys(generation?.parameters ?? {})) {
      it(`${type.name}: generate has a flag for ${parameter}`, () => {
        expect(Object.keys(GENERATE_FLAGS)).toContain(IRREGULAR[parameter] ?? camelCase(parameter));
      });
    }
    it(`${type.name}: the help of set names it, and that of generate where it can be generated`, () => {
      expect(SET_FLAGS.type.description).toContain(`'${type.name}'`);
      expect(GENERATE_FLAGS.type.description.includes(`'${type.name}'`)).toBe(generation !== undefined);
    });
  }
});
