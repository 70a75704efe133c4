import { OperatorCommand } from '../command.ts';
import { runChecks } from '../doctor-checks.ts';
import { CommandError } from '../errors.ts';

export default class Doctor extends OperatorCommand {
  static override readonly summary =
    'Checks settings, data folder, database, keys, vault, certificate and UAA. Exit status 1 when a check fails.';
  static override readonly description = 'Changes nothing; works with and without a running server.';
  static override readonly examples = ['credplex doctor', 'credplex doctor --config credplex.yml'];

  override async run(): Promise<void> {
    const { context } = await this.open(Doctor);
    const config = context.config();
    let failed = 0;
    for await (const { what, verdict, text } of runChecks(context, config)) {
      if (verdict === 'FAIL') failed += 1;
      context.terminal.out(`${verdict.padEnd(4)}  ${what.padEnd(12)}  ${text}`);
    }
    if (failed > 0) throw new CommandError(failed === 1 ? 'one thing is wrong' : `${failed} things are wrong`);
  }
}
