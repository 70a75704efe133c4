import { boolean } from '@oclif/core/flags';
import { openAccounts } from '../../accounts.ts';
import { OperatorCommand } from '../../command.ts';
import { printRows } from '../../table.ts';

export default class UserList extends OperatorCommand {
  static override readonly summary = 'Lists users.';
  static override readonly examples = ['credplex user list'];
  static override readonly flags = {
    json: boolean({ summary: 'Print JSON, for programs.' }),
  };

  override async run(): Promise<void> {
    const { context, flags } = await this.open(UserList);
    const { accounts } = await openAccounts(context);
    const rows = (await accounts.listUsers()).map((user) => [
      user.name,
      user.id,
      user.scopes.join(' '),
      user.createdAt,
    ]);
    printRows(context.terminal, ['name', 'id', 'scopes', 'created_at'], rows, flags.json);
  }
}
