import { callApi } from './api.ts';
import { whoamiColumns } from './columns.ts';
import { defineCommand } from './command.ts';
import { printObject } from './output.ts';
import { openSession } from './session.ts';

export const command = defineCommand({
  summary: 'Show whom the server takes you for.',
  examples: [{ description: 'Check a stored login.', command: 'whoami' }],
  flags: {},
  args: {},
  run: async ({ flags, host }) => {
    const session = await openSession(flags, host);
    const self = await callApi(session, host, (client) => client('GET /v1/auth/whoami'));
    printObject(self, whoamiColumns, flags, host);
  },
});
