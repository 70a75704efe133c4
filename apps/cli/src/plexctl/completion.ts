import { string } from '@oclif/core/args';
import { type Command, defineCommand } from './command.ts';
import type { CommandTable } from './command-table.ts';
import { shells } from './completion-scripts.ts';
import { usageFailure } from './usage.ts';

/** The command needs to know all commands, itself among them, so the table hands itself over. */
export const completionOf = (table: CommandTable, topics: Readonly<Record<string, string>>): Command =>
  defineCommand({
    summary: 'Print a completion script for a shell.',
    examples: [
      { description: 'For the bash that runs now.', command: 'completion bash > plexctl.bash && source plexctl.bash' },
      { description: 'For zsh, in a folder of $fpath.', command: 'completion zsh > ~/.zfunc/_plexctl' },
      { description: 'For fish.', command: 'completion fish > ~/.config/fish/completions/plexctl.fish' },
    ],
    flags: {},
    args: {
      shell: string({ required: true, ignoreStdin: true, description: `One of ${Object.keys(shells).join(', ')}.` }),
    },
    run: async ({ args, host }) => {
      const script = Object.hasOwn(shells, args.shell) ? shells[args.shell] : undefined;
      if (script === undefined) throw usageFailure(`The shell must be one of ${Object.keys(shells).join(', ')}.`);
      const commands = await Promise.all(
        Object.entries(table).map(async ([name, load]) => {
          const { command: described } = await load();
          const flags = Object.entries(described.flags).map(([flag, { summary = '', type, ...rest }]) => ({
            name: `--${flag}`,
            summary,
            takesValue: type === 'option',
            values: 'options' in rest && Array.isArray(rest.options) ? rest.options.map(String) : [],
            takesFile: /-file$|^ca-cert$/.test(flag),
          }));
          return { name, summary: described.summary, flags };
        }),
      );
      host.out(script({ commands, topics }));
    },
  });
