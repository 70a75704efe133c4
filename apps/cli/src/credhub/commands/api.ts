import { string as argument } from '@oclif/core/args';
import { authoritiesFrom, contactTarget, dropTokens, warnOfRisks } from '../../lib/api/target.ts';
import { CommandFailure, NO_TARGET } from '../../lib/failure.ts';
import { type Session, save, withScheme } from '../../lib/session/session.ts';
import { type Context, CredhubCommand } from '../command.ts';
import { targetFlags } from '../common-flags.ts';

export default class Api extends CredhubCommand {
  static override readonly aliases = ['a'];
  static override readonly summary = 'Show or set the server that commands talk to';
  static override readonly description =
    'Shows the targeted server, or sets it when one is given. The authorities and the choice to skip certificate checks are remembered for later commands.';
  static override readonly examples = ['credhub api https://credhub.example.com:8844 --ca-cert ca.pem'];
  static override readonly flags = {
    ...targetFlags,
  };
  static override readonly args = { server: argument({ description: 'Address of the server' }) };
  static override readonly needsLogin = false;

  override async run(): Promise<void> {
    await api(await this.open(Api));
  }
}

async function api({ flags, args, host, session }: Context<typeof Api.flags, typeof Api.args>): Promise<void> {
  const wanted = args.server || flags.server;
  const { config } = session;
  if (!wanted) {
    if (config.apiUrl === '') throw new CommandFailure(NO_TARGET);
    host.out(`${config.apiUrl}\n`);
    return;
  }
  const next: Session = {
    ...session,
    config: {
      ...config,
      apiUrl: withScheme(wanted),
      caCerts: authoritiesFrom(host, flags['ca-cert']) ?? [],
      insecureSkipVerify: flags['skip-tls-validation'],
      serverVersion: '',
    },
  };
  await contactTarget(next, 'auth server');
  warnOfRisks(host, next.config);
  host.out(`Setting the target url: ${next.config.apiUrl}\n`);
  if (next.config.authUrl !== config.authUrl) {
    // Tokens of another authorization server are of no use here; the old server is told so.
    await dropTokens(session);
    next.config.accessToken = config.accessToken;
    next.config.refreshToken = config.refreshToken;
  }
  save(next);
}
