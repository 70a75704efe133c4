import { callApi } from '../api.ts';
import { whoamiColumns } from '../columns.ts';
import { PlexctlCommand } from '../command.ts';
import { printObject } from '../output.ts';
import { openSession } from '../session.ts';

export default class Whoami extends PlexctlCommand {
  static override readonly summary = 'Show whom the server takes you for.';
  static override readonly examples = [{ description: 'Check a stored login.', command: '<%= config.bin %> whoami' }];

  override async run(): Promise<void> {
    const { flags } = await this.parse(Whoami);
    const host = this.context;
    const session = await openSession(flags, host);
    const self = await callApi(session, host, (client) => client('GET /v1/auth/whoami'));
    printObject(self, whoamiColumns, flags, host);
  }
}
