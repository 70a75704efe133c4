import { string as argument } from '@oclif/core/args';
import { revocationOf } from '../../../auth/issuer/revocations.ts';
import { openAccounts, requireClient } from '../../accounts.ts';
import { OperatorCommand } from '../../command.ts';

export default class ClientRemove extends OperatorCommand {
  static override readonly summary =
    'Removes a client and ends its tokens, also those of users who logged in through it.';
  static override readonly examples = ['credplex client remove concourse'];
  static override readonly args = {
    id: argument({ required: true, ignoreStdin: true }),
  };

  override async run(): Promise<void> {
    const { context, args } = await this.open(ClientRemove);
    const { accounts, clock } = await openAccounts(context);
    const { id } = await requireClient(context, args.id);
    const event = context.audit('client.remove', `client:${id}`);
    await accounts.deleteClient(id, revocationOf('client', id, clock.now()), event);
    context.terminal.err(`Client ${id} is removed.`);
  }
}
