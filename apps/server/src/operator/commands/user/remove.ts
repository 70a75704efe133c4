import { string as argument } from '@oclif/core/args';
import { revocationOf } from '../../../auth/issuer/revocations.ts';
import { openAccounts, requireUser } from '../../accounts.ts';
import { OperatorCommand } from '../../command.ts';

export default class UserRemove extends OperatorCommand {
  static override readonly summary =
    'Removes a user, its sessions and its Plexsphere tokens. Permissions for its id stay without effect.';
  static override readonly examples = ['credplex user remove ada'];
  static override readonly args = {
    name: argument({ required: true, ignoreStdin: true }),
  };

  override async run(): Promise<void> {
    const { context, args } = await this.open(UserRemove);
    const { accounts, clock, storage } = await openAccounts(context);
    const user = await requireUser(context, args.name);
    const event = context.audit('user.remove', `user:${user.id}`, { name: user.name });
    await accounts.deleteUser(user.id, revocationOf('user', user.id, clock.now()), event);
    await storage.plexsphere.deleteTokensOf(`user:${user.id}`);
    context.terminal.err(`User ${user.name} is removed.`);
  }
}
