/**
 * Kinds of CredHub's query parameters (docs/reference/credhub-server.md#http). Texts that are given more than once are
 * joined by a comma; of booleans and integers the first value counts, without blanks around it.
 */
import * as z from 'zod';
import { givenTexts } from '../query.ts';

const TRUE = ['true', 'on', 'yes', '1'];
const FALSE = ['false', 'off', 'no', '0'];

function scalarOf([first = '']: readonly string[]): string {
  return first.trim();
}

function textOf(schema: z.ZodString) {
  return z.codec(givenTexts, schema, { decode: (given) => given.join(','), encode: (text) => [text] });
}

export const queryText = textOf(z.string());
export const queryNonEmptyText = textOf(z.string().min(1));

/** Any of CredHub's spellings in any case; an empty text is as absent. */
export const queryFlag = z
  .codec(givenTexts, z.boolean().optional(), {
    decode: (given, { issues }) => {
      const word = scalarOf(given).toLowerCase();
      if (word === '') return undefined;
      if (TRUE.includes(word)) return true;
      if (FALSE.includes(word)) return false;
      issues.push({ code: 'custom', message: 'not a boolean', input: given });
      return z.NEVER;
    },
    encode: (flag) => (flag === undefined ? [] : [String(flag)]),
  })
  .optional();

/** 32 bits; an empty text is as absent. */
export const queryInteger = z
  .codec(givenTexts, z.int32().optional(), {
    decode: (given, { issues }) => {
      const digits = scalarOf(given);
      if (digits === '') return undefined;
      const number = Number(digits);
      if (/^[+-]?\d+$/.test(digits) && number === (number | 0)) return number;
      issues.push({ code: 'custom', message: 'not an integer', input: given });
      return z.NEVER;
    },
    encode: (number) => (number === undefined ? [] : [String(number)]),
  })
  .optional();
