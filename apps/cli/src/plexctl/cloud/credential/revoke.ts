import { string as argument } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { callApi } from '../../api.ts';
import { cloudCredentialColumns } from '../../columns.ts';
import { defineCommand } from '../../command.ts';
import { printObject } from '../../output.ts';
import { openSession } from '../../session.ts';
import { requireUuid, usageFailure } from '../../usage.ts';

export const command = defineCommand({
  summary: 'Revoke a cloud credential for good.',
  description: 'Revoking again changes nothing. Needs --yes.',
  examples: [
    {
      description: 'Revoke a credential that leaked.',
      command: 'cloud credential revoke 019a9b60-0c1d-7a2b-9f00-1234567890ab --reason "leaked" --yes',
    },
  ],
  flags: { reason: string({ required: true, helpValue: 'TEXT', summary: 'Why; it is kept with the credential.' }) },
  args: { id: argument({ required: true, ignoreStdin: true, description: 'UUID of the cloud credential.' }) },
  run: async ({ flags, args, host }) => {
    const id = requireUuid('The id of the cloud credential', args.id);
    if (!flags.yes) throw usageFailure('Revoking cannot be undone. Confirm it with --yes.');
    const session = await openSession(flags, host);
    const revoked = await callApi(session, host, (client) =>
      client('POST /v1/cloud-credentials/{id}/revoke', { params: { id }, body: { reason: flags.reason } }),
    );
    printObject(revoked, cloudCredentialColumns, flags, host);
  },
});
