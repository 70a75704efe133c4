import { OperatorCommand } from '../command.ts';

/** For the set-up script: what a server loads goes into the compile cache, so that already its first start is a warm one. */
export default class WarmUp extends OperatorCommand {
  static override readonly hidden = true;
  static override readonly summary = 'Loads what a server loads, and ends.';

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
