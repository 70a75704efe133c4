import { string as argument } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { callApi } from '../../../api.ts';
import { cloudCredentialColumns } from '../../../columns.ts';
import { PlexctlCommand } from '../../../command.ts';
import { printObject } from '../../../output.ts';
import { openSession } from '../../../session.ts';
import { requireUuid, usageFailure } from '../../../usage.ts';

export default class CloudCredentialRevoke extends PlexctlCommand {
  static override readonly summary = 'Revoke a cloud credential for good.';
  static override readonly description = 'Revoking again changes nothing. Needs --yes.';
  static override readonly examples = [
    {
      description: 'Revoke a credential that leaked.',
      command: '<%= config.bin %> cloud credential revoke 019a9b60-0c1d-7a2b-9f00-1234567890ab --reason "leaked" --yes',
    },
  ];
  static override readonly flags = {
    reason: string({ required: true, helpValue: 'TEXT', summary: 'Why; it is kept with the credential.' }),
  };
  static override readonly args = {
    id: argument({ required: true, ignoreStdin: true, description: 'UUID of the cloud credential.' }),
  };

  override async run(): Promise<void> {
    const { flags, args } = await this.parse(CloudCredentialRevoke);
    const host = this.context;
    const id = requireUuid('The id of the cloud credential', args.id);
    if (!flags.yes) throw usageFailure('Revoking cannot be undone. Confirm it with --yes.');
    const session = await openSession(flags, host);
    const revoked = await callApi(session, host, (client) =>
      client('POST /v1/cloud-credentials/{id}/revoke', { params: { id }, body: { reason: flags.reason } }),
    );
    printObject(revoked, cloudCredentialColumns, flags, host);
  }
}
