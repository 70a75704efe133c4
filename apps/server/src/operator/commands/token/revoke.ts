import { isUuid } from '@credplex/core';
import { string as argument } from '@oclif/core/args';
import { OperatorCommand } from '../../command.ts';
import { CommandError } from '../../errors.ts';

export default class TokenRevoke extends OperatorCommand {
  static override readonly summary = 'Revokes an API token immediately.';
  static override readonly examples = ['credplex token revoke 0197f3c2-8f60-7cc5-9d9b-6f1f3b6a2d11'];
  static override readonly args = {
    id: argument({ required: true, ignoreStdin: true, description: 'As `credplex token list` shows it.' }),
  };

  override async run(): Promise<void> {
    const { context, args } = await this.open(TokenRevoke);
    const id = args.id.toLowerCase();
    if (!isUuid(id)) throw new CommandError('the id of a token is a UUID');
    const { storage } = await context.open();
    const token = await storage.plexsphere.token(id);
    const audit = context.audit('api_token.revoke', `apitoken:${id}`, { owner: token?.owner ?? null });
    if (token === undefined || !(await storage.plexsphere.deleteToken({ id, owner: token.owner, audit })))
      throw new CommandError('there is no such token');
    context.terminal.err(`Token ${id} of ${token.owner} is revoked.`);
  }
}
