import type { ArgInput, FlagInput } from '@oclif/core/interfaces';
import { parse } from '@oclif/core/parser';
import { persistentFlags } from './persistent-flags.ts';
import { usageFailure } from './usage.ts';

/**
 * Words behind a command's name, or persistent flags without one, by oclif's parser.
 * @throws CommandFailure (exit 2) for a persistent flag with an empty value, and what the parser throws
 */
export async function readFlags(words: readonly string[], flags: FlagInput = persistentFlags, args: ArgInput = {}) {
  const parsed = await parse([...words], { flags, args, strict: true });
  for (const name of Object.keys(persistentFlags))
    if (parsed.flags[name] === '') throw usageFailure(`--${name} expects a value.`);
  return parsed;
}
