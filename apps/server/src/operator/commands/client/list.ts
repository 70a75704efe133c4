import { boolean } from '@oclif/core/flags';
import { PUBLIC_CLIENT } from '../../../auth/issuer/verifiers.ts';
import { openAccounts } from '../../accounts.ts';
import { OperatorCommand } from '../../command.ts';
import { printRows } from '../../table.ts';

export default class ClientList extends OperatorCommand {
  static override readonly summary = 'Lists clients.';
  static override readonly examples = ['credplex client list'];
  static override readonly flags = {
    json: boolean({ summary: 'Print JSON, for programs.' }),
  };

  override async run(): Promise<void> {
    const { context, flags } = await this.open(ClientList);
    const { accounts } = await openAccounts(context);
    const rows = (await accounts.listClients()).map((client) => [
      client.id,
      client.verifier === PUBLIC_CLIENT ? 'public' : 'secret',
      client.grantTypes.join(' '),
      client.scopes.join(' '),
      client.createdAt,
    ]);
    const columns = ['id', 'authentication', 'grant_types', 'scopes', 'created_at'];
    printRows(context.terminal, columns, rows, flags.json);
  }
}
