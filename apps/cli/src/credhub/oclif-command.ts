import { Command, Flags, type Interfaces } from '@oclif/core';
import type { CommandDefinition } from './command-definition.ts';
import type { FlagTable } from './flag-types.ts';

/**
 * An oclif command for a definition, with its types in the manifest. Its words are read by our own parser, because
 * oclif's cannot read this grammar (docs/reference/credhub-cli.md#argument-parsing).
 */
export function toCommand(definition: CommandDefinition): Command.Class {
  return class extends Command {
    static override readonly aliases = definition.alias === undefined ? [] : [definition.alias];
    static override readonly summary = definition.summary;
    static override readonly description = definition.description;
    static override readonly examples = [...definition.examples];
    static override readonly flags = oclifFlags(definition.flags);
    static override readonly strict = false;
    // oclif warns when its own parser was not called.
    override parsed = true;

    override async run(): Promise<void> {
      const { start } = await import('./start.ts');
      await start([definition.name, ...this.argv]);
    }
  };
}

function oclifFlags(table: FlagTable): Interfaces.FlagInput {
  const flags: Interfaces.FlagInput = {};
  for (const [key, flag] of Object.entries(table)) {
    const shared = { summary: flag.description, required: flag.required, ...(flag.env ? { env: flag.env } : {}) };
    flags[flag.long ?? key] = flag.kind === 'switch' ? Flags.boolean(shared) : Flags.string(shared);
  }
  return flags;
}
