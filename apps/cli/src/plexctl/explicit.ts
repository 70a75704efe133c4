import { Command as OclifCommand } from '@oclif/core/command';
import type { Command } from './command.ts';
import { commandTable } from './command-table.ts';

/** The commands as oclif's explicit strategy wants them; loaded only to show help. */
export const COMMANDS: Readonly<Record<string, typeof OclifCommand>> = Object.fromEntries(
  await Promise.all(
    Object.entries(commandTable).map(async ([name, load]) => {
      const { command } = await load();
      return [name.replaceAll(' ', ':'), describe(command)] as const;
    }),
  ),
);

function describe({ summary, description, flags, args, examples }: Command): typeof OclifCommand {
  return class extends OclifCommand {
    static override summary = summary;
    static override description = description as string;
    static override flags = flags;
    static override args = args;
    static override examples = examples.map(({ description: what, command }) => ({
      description: what,
      // oclif folds long lines by itself.
      command: `<%= config.bin %> ${command.replace(/ \\\n */g, ' ')}`,
    }));

    override run(): Promise<never> {
      throw new Error('plexctl runs its commands without oclif');
    }
  };
}
