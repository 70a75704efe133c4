import { custom } from '@oclif/core/flags';
import type * as Interfaces from '@oclif/core/interfaces';
import { parseDuration, parseInteger } from './go-literals.ts';

type Options = Pick<Partial<Interfaces.OptionFlag<bigint>>, 'char' | 'env' | 'helpGroup' | 'summary'>;

const goInteger = custom<bigint>({ parse: async (word) => parseInteger(word) });
const goDuration = custom<bigint>({ parse: async (word) => parseDuration(word) });

/** Defines a flag for a whole number of 64 bits, written as Go reads it. */
export function integer(options: Options) {
  return { ...goInteger(options), goType: 'int' as const };
}

/** Defines a flag for a duration in nanoseconds, written as Go reads it. */
export function duration(options: Options) {
  return { ...goDuration(options), goType: '*time.Duration' as const };
}
