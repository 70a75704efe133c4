import { string } from '@oclif/core/flags';
import { callApi } from '../../api.ts';
import { PlexctlCommand } from '../../command.ts';
import { openSession } from '../../session.ts';
import { requireUuid, usageFailure } from '../../usage.ts';

export default class IdentityTokensDelete extends PlexctlCommand {
  static override readonly summary = 'End an API token at once.';
  static override readonly description =
    'Needs --yes. The token of a stored login is ended by logout, which forgets the login as well.';
  static override readonly examples = [
    {
      description: 'End a token that leaked.',
      command: '<%= config.bin %> identity-tokens delete --id 019a9b5d-0c1d-7a2b-9f00-1234567890ab --yes',
    },
  ];
  static override readonly flags = {
    id: string({ required: true, helpValue: 'UUID', summary: 'The token, as list shows it.' }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(IdentityTokensDelete);
    const host = this.context;
    const id = requireUuid('--id', flags.id);
    if (!flags.yes) throw usageFailure('Deleting cannot be undone. Confirm it with --yes.');
    const session = await openSession(flags, host);
    await callApi(session, host, (client) => client('DELETE /v1/auth/tokens/{id}', { params: { id } }));
    host.err(`Token ${id} is ended.\n`);
  }
}
