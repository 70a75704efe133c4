import { string } from '@oclif/core/args';
import { callApi } from '../../api.ts';
import { cloudColumns } from '../../columns.ts';
import { PlexctlCommand } from '../../command.ts';
import { printObject } from '../../output.ts';
import { openSession } from '../../session.ts';
import { requireUuid } from '../../usage.ts';

export default class CloudGet extends PlexctlCommand {
  static override readonly summary = 'Show a cloud.';
  static override readonly examples = [
    {
      description: 'With its endpoint.',
      command: '<%= config.bin %> cloud get 019a9b5e-8c1d-7a2b-9f00-1234567890ab --output yaml',
    },
  ];
  static override readonly args = {
    id: string({ required: true, ignoreStdin: true, description: 'UUID of the cloud.' }),
  };

  override async run(): Promise<void> {
    const { flags, args } = await this.parse(CloudGet);
    const host = this.context;
    const id = requireUuid('The id of the cloud', args.id);
    const session = await openSession(flags, host);
    const cloud = await callApi(session, host, (client) => client('GET /v1/clouds/{id}', { params: { id } }));
    printObject(cloud, cloudColumns, flags, host);
  }
}
