import { boolean } from '@oclif/core/flags';
import { callAllPages, callApi, type SendPage } from '../api.ts';
import { cloudColumns } from '../columns.ts';
import { defineCommand } from '../command.ts';
import { printList } from '../output.ts';
import { pageFlags, pageQueryOf } from '../page-flags.ts';
import { openSession } from '../session.ts';
import { usageFailure } from '../usage.ts';

const sendPage: SendPage = (query) => (client) => client('GET /v1/clouds', { query });

export const command = defineCommand({
  summary: 'List the clouds that you may observe.',
  examples: [
    { description: 'The first page.', command: 'cloud list' },
    { description: 'All of them, for a script.', command: 'cloud list --all --output json' },
  ],
  flags: { ...pageFlags, all: boolean({ summary: 'Follow all pages. Not together with --cursor.' }) },
  args: {},
  run: async ({ flags, host }) => {
    if (flags.all && flags.cursor !== undefined) throw usageFailure('--all and --cursor exclude each other.');
    const session = await openSession(flags, host);
    const page = flags.all
      ? await callAllPages(session, host, sendPage)
      : await callApi(session, host, sendPage(pageQueryOf(flags)));
    printList(page, cloudColumns, flags, host);
  },
});
