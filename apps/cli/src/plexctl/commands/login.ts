import { string } from '@oclif/core/flags';
import { textOf } from '../../lib/format/document.ts';
import { callApi } from '../api.ts';
import { whoamiColumns } from '../columns.ts';
import { PlexctlCommand } from '../command.ts';
import { checkedToken, readSmallFile } from '../input.ts';
import { printObject } from '../output.ts';
import { printable } from '../printable.ts';
import { loadProfiles, requireProfileName, saveProfiles, withProfile } from '../profiles.ts';
import { caOf, serverOf, stdinText } from '../session.ts';
import { usageFailure } from '../usage.ts';

export default class Login extends PlexctlCommand {
  static override readonly summary = 'Check a token with the server and store it as a profile.';
  static override readonly description =
    'The token comes from a file or from stdin, never from the command line. The server must accept it, otherwise nothing is stored. The certificates of --ca-cert are stored with it. The token stays yours: logout forgets it and does not revoke it.';
  static override readonly examples = [
    {
      description: 'Log in with a token from a file.',
      command: '<%= config.bin %> login --server https://plexsphere.example.com --token-file ./token',
    },
    {
      description: 'Log in with a token from stdin, to a server with a private CA.',
      command: '<%= config.bin %> login --server https://localhost:8844 --ca-cert ./ca.pem --token-file - < token',
    },
  ];
  static override readonly flags = {
    'profile-name': string({
      helpValue: 'NAME',
      summary: 'Name to store the login under. Default: --profile, else "default".',
    }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(Login);
    const host = this.context;
    const name = requireProfileName(flags['profile-name'] ?? flags.profile ?? 'default');
    const tokenFile = flags['token-file'];
    if (tokenFile === undefined) throw usageFailure('--token-file FILE is required; - reads the token from stdin.');
    const stored = loadProfiles(host);
    const before = stored.profiles.get(name);
    const server = serverOf(flags, host, before);
    const ca = caOf(flags, host, before);
    const token = checkedToken(tokenFile === '-' ? await stdinText(host) : readSmallFile(host, tokenFile, 'token'));
    const self = await callApi({ server, token, ca }, host, (client) => client('GET /v1/auth/whoami'));
    const profile = { server, token, ...(ca[0] === undefined ? {} : { ca_cert: ca[0] }), given: true };
    saveProfiles(host, withProfile(stored, name, profile));
    printObject(self, whoamiColumns, flags, host);
    const who = (['principal_type', 'subject'] as const)
      .map((field) => printable(textOf(self, field) ?? '?'))
      .join(':');
    host.err(`Logged in to ${server} as ${who} (profile '${name}').\n`);
  }
}
