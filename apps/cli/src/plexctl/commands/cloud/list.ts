import { boolean } from '@oclif/core/flags';
import { callAllPages, callApi, type PlexsphereClient } from '../../api.ts';
import { cloudColumns } from '../../columns.ts';
import { PlexctlCommand } from '../../command.ts';
import { printList } from '../../output.ts';
import { type PageQuery, pageFlags, pageQueryOf } from '../../page-flags.ts';
import { openSession } from '../../session.ts';
import { usageFailure } from '../../usage.ts';

function sendPage(query: PageQuery) {
  return (client: PlexsphereClient) => client('GET /v1/clouds', { query });
}

export default class CloudList extends PlexctlCommand {
  static override readonly summary = 'List the clouds that you may observe.';
  static override readonly examples = [
    { description: 'The first page.', command: '<%= config.bin %> cloud list' },
    { description: 'All of them, for a script.', command: '<%= config.bin %> cloud list --all --output json' },
  ];
  static override readonly flags = {
    ...pageFlags,
    all: boolean({ summary: 'Follow all pages. Not together with --cursor.' }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(CloudList);
    const host = this.context;
    if (flags.all && flags.cursor !== undefined) throw usageFailure('--all and --cursor exclude each other.');
    const session = await openSession(flags, host);
    const page = flags.all
      ? await callAllPages(session, host, sendPage)
      : await callApi(session, host, sendPage(pageQueryOf(flags)));
    printList(page, cloudColumns, flags, host);
  }
}
