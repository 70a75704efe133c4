import { string } from '@oclif/core/args';
import { callApi } from '../../../api.ts';
import { cloudCredentialColumns } from '../../../columns.ts';
import { PlexctlCommand } from '../../../command.ts';
import { printObject } from '../../../output.ts';
import { openSession } from '../../../session.ts';
import { requireUuid } from '../../../usage.ts';

export default class CloudCredentialGet extends PlexctlCommand {
  static override readonly summary = 'Show the metadata of a cloud credential, never its secret.';
  static override readonly examples = [
    {
      description: 'Check its status.',
      command: '<%= config.bin %> cloud credential get 019a9b60-0c1d-7a2b-9f00-1234567890ab',
    },
  ];
  static override readonly args = {
    id: string({ required: true, ignoreStdin: true, description: 'UUID of the cloud credential.' }),
  };

  override async run(): Promise<void> {
    const { flags, args } = await this.parse(CloudCredentialGet);
    const host = this.context;
    const id = requireUuid('The id of the cloud credential', args.id);
    const session = await openSession(flags, host);
    const credential = await callApi(session, host, (client) =>
      client('GET /v1/cloud-credentials/{id}', { params: { id } }),
    );
    printObject(credential, cloudCredentialColumns, flags, host);
  }
}
