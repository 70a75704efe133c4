import { callApi } from '../api.ts';
import { tokenSummaryColumns } from '../columns.ts';
import { defineCommand } from '../command.ts';
import { printAll } from '../output.ts';
import { openSession } from '../session.ts';

export const command = defineCommand({
  summary: 'List your API tokens, without their secrets.',
  examples: [{ description: 'When each was last used.', command: 'identity-tokens list' }],
  flags: {},
  args: {},
  run: async ({ flags, host }) => {
    const session = await openSession(flags, host);
    const tokens = await callApi(session, host, (client) => client('GET /v1/auth/tokens'));
    printAll(tokens, tokenSummaryColumns, flags, host);
  },
});
