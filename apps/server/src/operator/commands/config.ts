import { printConfig } from '../../config.ts';
import { OperatorCommand } from '../command.ts';

export default class Config extends OperatorCommand {
  static override readonly summary =
    'Prints the effective settings without secrets. Reports invalid settings with exit status 1.';
  static override readonly examples = ['credplex config', 'CREDPLEX_LEVEL=2 credplex config --config credplex.yml'];

  override async run(): Promise<void> {
    const { context } = await this.open(Config);
    const { terminal, config } = context;
    terminal.out(printConfig(config()).trimEnd());
  }
}
