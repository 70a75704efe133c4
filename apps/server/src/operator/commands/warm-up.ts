import { OperatorCommand } from '../command.ts';

/** For the set-up script: fills the compile cache with the modules of a server, so that its first start is already fast. */
export default class WarmUp extends OperatorCommand {
  static override readonly hidden = true;
  static override readonly summary = 'Loads the modules of a server and exits.';

  override async run(): Promise<void> {
    await this.parse(WarmUp);
    await Promise.all([
      import('./serve.ts'),
      import('../../start/serve.ts'),
      import('../../open.ts'),
      import('../../listen.ts'),
    ]);
  }
}
