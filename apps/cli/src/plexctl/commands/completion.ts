import { completionScript, completionVariable, isShell, SHELLS, type Shell, withChoices } from '@credplex/command-line';
import { custom } from '@oclif/core/args';
import { PlexctlCommand } from '../command.ts';
import { usageFailure } from '../usage.ts';

const LIST = SHELLS.join(', ');

const shell = custom<Shell>({
  parse: async (word) => {
    if (!isShell(word)) throw usageFailure(`The shell must be one of ${LIST}.`);
    return word;
  },
});

export default class Completion extends PlexctlCommand {
  static override readonly summary = 'Print a completion script for a shell.';
  static override readonly examples = [
    {
      description: 'For the bash that runs now.',
      command: '<%= config.bin %> completion bash > plexctl.bash && source plexctl.bash',
    },
    { description: 'For zsh, in a folder of $fpath.', command: '<%= config.bin %> completion zsh > ~/.zfunc/_plexctl' },
    {
      description: 'For fish.',
      command: '<%= config.bin %> completion fish > ~/.config/fish/completions/plexctl.fish',
    },
  ];
  static override readonly args = {
    shell: withChoices(shell({ required: true, ignoreStdin: true, description: `One of ${LIST}.` }), SHELLS),
  };

  override async run(): Promise<void> {
    const { args } = await this.parse(Completion);
    this.context.out(completionScript(args.shell, 'plexctl', completionVariable('plexctl')));
  }
}
