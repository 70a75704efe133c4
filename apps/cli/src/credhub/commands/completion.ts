import { completionScript, isShell, SHELLS, withChoices } from '@credplex/command-line';
import { string as argument } from '@oclif/core/args';
import { CommandFailure } from '../../lib/failure.ts';
import { type Context, CredhubCommand } from '../command.ts';
import { COMPLETION_VARIABLE } from '../complete-words.ts';

export default class Completion extends CredhubCommand {
  static override readonly summary = 'Print a completion script for bash, zsh or fish';
  static override readonly description = 'Prints a script that lets the shell complete commands and flags.';
  static override readonly examples = ['source <(credhub completion bash)'];
  static override readonly flags = {};
  static override readonly args = { shell: withChoices(argument({ description: 'bash, zsh or fish' }), SHELLS) };
  static override readonly needsLogin = false;

  override async run(): Promise<void> {
    await completion(await this.open(Completion));
  }
}

async function completion({ args, host }: Context<typeof Completion.flags, typeof Completion.args>): Promise<void> {
  if (!isShell(args.shell)) throw new CommandFailure('A shell must be named: bash, zsh or fish.');
  host.out(completionScript(args.shell, 'credhub', COMPLETION_VARIABLE));
}
