import { string } from '@oclif/core/flags';
import { callAllPages, callApi, type PlexsphereClient } from '../../../api.ts';
import { cloudCredentialColumns } from '../../../columns.ts';
import { PlexctlCommand } from '../../../command.ts';
import { printList } from '../../../output.ts';
import { type PageQuery, pageFlags, pageQueryOf } from '../../../page-flags.ts';
import { openSession } from '../../../session.ts';
import { requireUuid } from '../../../usage.ts';

export default class CloudCredentialList extends PlexctlCommand {
  static override readonly summary = 'List the credentials that a cloud owns.';
  static override readonly description = 'All of them, unless --limit or --cursor asks for one page.';
  static override readonly examples = [
    {
      description: 'Every credential of a cloud.',
      command: '<%= config.bin %> cloud credential list --cloud-id 019a9b5e-8c1d-7a2b-9f00-1234567890ab',
    },
  ];
  static override readonly flags = {
    'cloud-id': string({ required: true, helpValue: 'UUID', summary: 'The cloud whose credentials to list.' }),
    ...pageFlags,
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(CloudCredentialList);
    const host = this.context;
    const cloud = requireUuid('--cloud-id', flags['cloud-id']);
    const session = await openSession(flags, host);
    const sendPage = (query: PageQuery) => (client: PlexsphereClient) =>
      client('GET /v1/clouds/{id}/cloud-credentials', { params: { id: cloud }, query });
    const onePage = flags.limit !== undefined || flags.cursor !== undefined;
    const page = onePage
      ? await callApi(session, host, sendPage(pageQueryOf(flags)))
      : await callAllPages(session, host, sendPage);
    printList(page, cloudCredentialColumns, flags, host);
  }
}
