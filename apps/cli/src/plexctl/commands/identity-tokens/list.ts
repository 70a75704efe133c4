import { callApi } from '../../api.ts';
import { tokenSummaryColumns } from '../../columns.ts';
import { PlexctlCommand } from '../../command.ts';
import { printAll } from '../../output.ts';
import { openSession } from '../../session.ts';

export default class IdentityTokensList extends PlexctlCommand {
  static override readonly summary = 'List your API tokens, without their secrets.';
  static override readonly examples = [
    { description: 'When each was last used.', command: '<%= config.bin %> identity-tokens list' },
  ];

  override async run(): Promise<void> {
    const { flags } = await this.parse(IdentityTokensList);
    const host = this.context;
    const session = await openSession(flags, host);
    const tokens = await callApi(session, host, (client) => client('GET /v1/auth/tokens'));
    printAll(tokens, tokenSummaryColumns, flags, host);
  }
}
