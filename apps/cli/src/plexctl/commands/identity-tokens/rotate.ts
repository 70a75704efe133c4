import { string } from '@oclif/core/flags';
import { callApi } from '../../api.ts';
import { rotatedTokenColumns } from '../../columns.ts';
import { PlexctlCommand } from '../../command.ts';
import { printOnce } from '../../output.ts';
import { openSession } from '../../session.ts';
import { requireUuid } from '../../usage.ts';

export default class IdentityTokensRotate extends PlexctlCommand {
  static override readonly summary =
    'Give an API token a new secret, shown this once; the old one works until the deadline.';
  static override readonly examples = [
    {
      description: 'Before the old one ends.',
      command: '<%= config.bin %> identity-tokens rotate --id 019a9b5d-0c1d-7a2b-9f00-1234567890ab',
    },
  ];
  static override readonly flags = {
    id: string({ required: true, helpValue: 'UUID', summary: 'The token, as list shows it.' }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(IdentityTokensRotate);
    const host = this.context;
    const id = requireUuid('--id', flags.id);
    const session = await openSession(flags, host);
    const rotated = await callApi(session, host, (client) =>
      client('POST /v1/auth/tokens/{id}/rotate', { params: { id } }),
    );
    printOnce(rotated, rotatedTokenColumns, flags, host);
  }
}
