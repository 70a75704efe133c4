import { boolean, string } from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import { createApi } from '../../lib/api/api.ts';
import { fetchServerVersion } from '../../lib/api/server-version.ts';
import { askAuthUrl, authoritiesFrom, contactTarget, dropTokens, warnOfRisks } from '../../lib/api/target.ts';
import { CommandFailure, NO_TARGET } from '../../lib/failure.ts';
import { type Session, save, uaaOf, withScheme } from '../../lib/session/session.ts';
import {
  clientGrant,
  passcodeGrant,
  passcodePrompt,
  passwordGrant,
  type SendToUaa,
  type Tokens,
} from '../../lib/session/uaa.ts';
import { yellow } from '../../lib/terminal/colour.ts';
import type { Host } from '../../lib/terminal/host.ts';
import { type Context, CredhubCommand } from '../command.ts';
import { targetFlags } from '../common-flags.ts';

export default class Login extends CredhubCommand {
  static override readonly aliases = ['l'];
  static override readonly summary = 'Log in and remember the tokens';
  static override readonly description =
    'Logs in as a user, as a client, or with a one-time passcode; what is missing is asked for. With CREDHUB_CLIENT and CREDHUB_SECRET set, the other commands log in by themselves.';
  static override readonly examples = [
    'credhub login -s https://credhub.example.com:8844 -u alice --ca-cert ca.pem',
    'credhub login --client-name deployer --client-secret SECRET',
  ];
  static override readonly flags = {
    username: string({ char: 'u', summary: 'User to log in as' }),
    password: string({ char: 'p', summary: 'Password of the user; asked for when it is missing' }),
    'client-name': string({ summary: 'Client to log in as', env: 'CREDHUB_CLIENT' }),
    'client-secret': string({ summary: 'Secret of the client', env: 'CREDHUB_SECRET' }),
    ...targetFlags,
    sso: boolean({ summary: 'Ask for a one-time passcode and log in with it' }),
    'sso-passcode': string({ summary: 'One-time passcode to log in with' }),
  };
  static override readonly needsLogin = false;

  override async run(): Promise<void> {
    await login(await this.open(Login));
  }
}

type Values = InferredFlags<typeof Login.flags>;

const IGNORED = `Login ignored as the CREDHUB_* environment variables are present.
You do NOT need to run this "login" command in order to run other
"credhub" commands when you set the CREDHUB_* environment variables.

The command only validates your credentials. For backwards compatibility
reasons, it (in this particular use case) does not error out. You should
not use it with the environment variables set.
The "credhub login" command is useful in the case you do not have the
environment variables set and you pass your credentials to "credhub login"
through command line arguments.
`;

async function login({ flags, host, session: current }: Context<typeof Login.flags>): Promise<void> {
  const session = await targetSession(current, flags);
  refuseCombinations(flags);
  const tokens = await tokensFor(host, uaaOf(session), flags).catch((error: unknown) =>
    reportLoginFailure(session, flags, error),
  );
  const fromEnvironment = Boolean(host.env.CREDHUB_CLIENT && host.env.CREDHUB_SECRET);
  const { config } = session;
  config.accessToken = fromEnvironment ? '' : tokens.accessToken;
  config.refreshToken = fromEnvironment ? '' : tokens.refreshToken;
  config.serverVersion = (await fetchServerVersion(createApi(session))).version.text;
  // Asking may have fetched a token for the environment's client; that one is not kept either.
  if (fromEnvironment) config.accessToken = '';
  save(session);
  if (flags.server) {
    warnOfRisks(host, config);
    host.out(`Setting the target url: ${config.apiUrl}\n`);
  }
  if (fromEnvironment) host.err(yellow(IGNORED));
  else host.out('Login Successful\n');
}

/** The session of the server that is given, which is contacted first, or else of the stored one. */
async function targetSession(session: Session, flags: Values): Promise<Session> {
  if (!flags.server) {
    if (session.config.apiUrl === '') throw new CommandFailure(NO_TARGET);
    if (session.config.authUrl === '') session.config.authUrl = await askAuthUrl(session);
    return session;
  }
  const next: Session = {
    ...session,
    config: {
      ...session.config,
      apiUrl: withScheme(flags.server),
      caCerts: authoritiesFrom(session.host, flags['ca-cert']) ?? null,
      insecureSkipVerify: flags['skip-tls-validation'],
    },
  };
  await contactTarget(next, 'targeted API');
  return next;
}

function refuseCombinations(flags: Values): void {
  const client = Boolean(flags['client-name'] || flags['client-secret']);
  const user = Boolean(flags.username || flags.password);
  const methods = [client, user, flags.sso, Boolean(flags['sso-passcode'])].filter(Boolean);
  if (methods.length > 1) {
    throw new CommandFailure(
      'Client, password, SSO and/or SSO passcode credentials may not be combined. Please update and retry your request with a single login method.',
    );
  }
  if (client && !(flags['client-name'] && flags['client-secret'])) {
    throw new CommandFailure(
      'Both client name and client secret must be provided to authenticate. Please update and retry your request.',
    );
  }
  if (flags.password && !flags.username) {
    throw new CommandFailure(
      'The combination of parameters in the request is not allowed. Please validate your input and retry your request.',
    );
  }
}

async function tokensFor(host: Host, uaa: SendToUaa, flags: Values): Promise<Tokens> {
  if (flags['client-name'] && flags['client-secret']) {
    return clientGrant(uaa, { id: flags['client-name'], secret: flags['client-secret'] });
  }
  if (flags['sso-passcode']) return passcodeGrant(uaa, flags['sso-passcode']);
  if (flags.sso) {
    const prompt = await passcodePrompt(uaa);
    return passcodeGrant(uaa, await host.input.hiddenLine(`${prompt} : `, host.out));
  }
  const username = flags.username || (await askUser(host));
  const password = flags.password || (await host.input.hiddenLine('password: ', host.out));
  return passwordGrant(uaa, username, password);
}

async function askUser(host: Host): Promise<string> {
  host.out('username: ');
  return firstWord(await host.input.line());
}

function firstWord(line: string): string {
  return line.trim().split(/\s+/)[0] ?? '';
}

/**
 * A refused login ends the stored one. A new target is not stored with it: the original does, and so forgets a
 * working login because of a typing error (docs/reference/credhub-cli.md#defects).
 */
async function reportLoginFailure(session: Session, flags: Values, error: unknown): Promise<never> {
  if (!flags.server) {
    await dropTokens(session);
    save(session);
  }
  const cause = error instanceof Error ? error.message : String(error);
  throw new CommandFailure(`UAA error: ${cause}`, { cause: error });
}
