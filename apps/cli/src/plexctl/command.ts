import type { ArgInput, FlagInput, InferredArgs, InferredFlags } from '@oclif/core/interfaces';
import type { Host } from './host.ts';
import { type PersistentFlags, persistentFlags } from './persistent-flags.ts';
import { readFlags } from './read-flags.ts';

export interface Example {
  readonly description: string;
  /** Without the name of the program. */
  readonly command: string;
}

/** What a command file says about itself; the types of `run` follow from its flags and arguments. */
interface CommandSpec<F extends FlagInput, A extends ArgInput> {
  readonly summary: string;
  readonly description?: string;
  readonly examples: readonly [Example, ...Example[]];
  readonly flags: F;
  readonly args: A;
  readonly run: (input: CommandInput<F, A>) => Promise<void>;
}

interface CommandInput<F extends FlagInput, A extends ArgInput> {
  readonly flags: InferredFlags<F> & PersistentFlags;
  readonly args: InferredArgs<A>;
  readonly host: Host;
}

/** A command as the program sees it, whatever its flags. */
export interface Command {
  readonly summary: string;
  readonly description: string | undefined;
  readonly examples: readonly Example[];
  readonly flags: FlagInput;
  readonly args: ArgInput;
  /** Reads the words behind the command's name with oclif's parser and does the work. */
  readonly execute: (words: readonly string[], host: Host) => Promise<void>;
}

export function defineCommand<F extends FlagInput, A extends ArgInput>(spec: CommandSpec<F, A>): Command {
  const flags: FlagInput = { ...persistentFlags, ...spec.flags };
  return {
    summary: spec.summary,
    description: spec.description,
    examples: spec.examples,
    flags,
    args: spec.args,
    execute: async (words, host) => {
      const parsed = await readFlags(words, flags, spec.args);
      // The parser's own types lose what the tables say.
      const input = { flags: parsed.flags, args: parsed.args, host } as CommandInput<F, A>;
      if (input.flags['reveal-secrets'])
        host.err('Warning: --reveal-secrets shows values that are otherwise hidden.\n');
      await spec.run(input);
    },
  };
}
