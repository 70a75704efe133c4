import { ProgramCommand } from '@credplex/command-line';
import type { Input, ParserOutput } from '@oclif/core/interfaces';
import type { Host } from './host.ts';
import { persistentFlags, requirePersistentValues } from './persistent-flags.ts';

type Values = Record<string, unknown>;

/** A command of plexctl: its context is the host, and it has the persistent flags. */
export abstract class PlexctlCommand extends ProgramCommand<Host> {
  static override readonly baseFlags = persistentFlags;

  protected override async parse<F extends Values, B extends Values, A extends Values>(
    options?: Input<F, B, A>,
    argv?: string[],
  ): Promise<ParserOutput<F, B, A>> {
    const parsed = await super.parse(options, argv);
    requirePersistentValues(parsed.flags);
    if ('reveal-secrets' in parsed.flags && parsed.flags['reveal-secrets'])
      this.context.err('Warning: --reveal-secrets shows values that are otherwise hidden.\n');
    return parsed;
  }
}
