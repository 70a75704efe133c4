import { completionScript, completionVariable, isShell, SHELLS, withChoices } from '@credplex/command-line';
import { string } from '@oclif/core/args';
import { OperatorCommand } from '../command.ts';
import { UsageError } from '../errors.ts';

export default class Completion extends OperatorCommand {
  static override readonly summary = 'Prints a script that lets bash, fish or zsh complete commands and options.';
  static override readonly examples = ['source <(credplex completion bash)'];
  static override readonly args = {
    shell: withChoices(string({ required: true, ignoreStdin: true, description: 'bash, fish or zsh' }), SHELLS),
  };

  override async run(): Promise<void> {
    const { context, args } = await this.open(Completion);
    if (!isShell(args.shell)) throw new UsageError('SHELL is bash, fish or zsh');
    context.terminal.out(completionScript(args.shell, 'credplex', completionVariable('credplex')).trimEnd());
  }
}
