import { createApi } from '../lib/api.ts';
import { yellow } from '../lib/colour.ts';
import { CommandFailure, NO_TARGET } from '../lib/failure.ts';
import type { Host } from '../lib/host.ts';
import { askServer } from '../lib/server-version.ts';
import { type Session, save, uaaOf, withScheme } from '../lib/session.ts';
import { askAuthUrl, authoritiesFrom, contactTarget, dropTokens, warnOfRisks } from '../lib/target.ts';
import { clientGrant, passcodeGrant, passcodePrompt, passwordGrant, type SendToUaa, type Tokens } from '../lib/uaa.ts';
import type { Context } from './command-definition.ts';
import type { FlagValues } from './flag-types.ts';
import type { LOGIN_FLAGS } from './flags.ts';

type Values = FlagValues<typeof LOGIN_FLAGS>;

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

export async function login({ values, host, session: current }: Context<typeof LOGIN_FLAGS>): Promise<void> {
  const session = await targeted(current, values);
  refuseCombinations(values);
  const tokens = await tokensFor(host, uaaOf(session), values).catch((error: unknown) =>
    failed(session, values, error),
  );
  const fromEnvironment = Boolean(host.env.CREDHUB_CLIENT && host.env.CREDHUB_SECRET);
  const { config } = session;
  config.accessToken = fromEnvironment ? '' : tokens.accessToken;
  config.refreshToken = fromEnvironment ? '' : tokens.refreshToken;
  config.serverVersion = (await askServer(createApi(session))).version.text;
  // Asking may have fetched a token for the environment's client; that one is not kept either.
  if (fromEnvironment) config.accessToken = '';
  save(session);
  if (values.server) {
    warnOfRisks(host, config);
    host.out(`Setting the target url: ${config.apiUrl}\n`);
  }
  if (fromEnvironment) host.err(yellow(IGNORED));
  else host.out('Login Successful\n');
}

/** The session of the server that is given, which is contacted first, or else of the stored one. */
async function targeted(session: Session, values: Values): Promise<Session> {
  if (!values.server) {
    if (session.config.apiUrl === '') throw new CommandFailure(NO_TARGET);
    if (session.config.authUrl === '') session.config.authUrl = await askAuthUrl(session);
    return session;
  }
  const next: Session = {
    ...session,
    config: {
      ...session.config,
      apiUrl: withScheme(values.server),
      caCerts: authoritiesFrom(session.host, values.caCert) ?? null,
      insecureSkipVerify: values.skipTlsValidation,
    },
  };
  await contactTarget(next, 'targeted API');
  return next;
}

function refuseCombinations(values: Values): void {
  const client = Boolean(values.clientName || values.clientSecret);
  const user = Boolean(values.username || values.password);
  const methods = [client, user, values.sso, Boolean(values.ssoPasscode)].filter(Boolean);
  if (methods.length > 1) {
    throw new CommandFailure(
      'Client, password, SSO and/or SSO passcode credentials may not be combined. Please update and retry your request with a single login method.',
    );
  }
  if (client && !(values.clientName && values.clientSecret)) {
    throw new CommandFailure(
      'Both client name and client secret must be provided to authenticate. Please update and retry your request.',
    );
  }
  if (values.password && !values.username) {
    throw new CommandFailure(
      'The combination of parameters in the request is not allowed. Please validate your input and retry your request.',
    );
  }
}

async function tokensFor(host: Host, uaa: SendToUaa, values: Values): Promise<Tokens> {
  if (values.clientName && values.clientSecret) {
    return clientGrant(uaa, { id: values.clientName, secret: values.clientSecret });
  }
  if (values.ssoPasscode) return passcodeGrant(uaa, values.ssoPasscode);
  if (values.sso) {
    const prompt = await passcodePrompt(uaa);
    return passcodeGrant(uaa, await host.input.hiddenLine(`${prompt} : `, host.out));
  }
  const username = values.username || (await askUser(host));
  const password = values.password || (await host.input.hiddenLine('password: ', host.out));
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
async function failed(session: Session, values: Values, error: unknown): Promise<never> {
  if (!values.server) {
    await dropTokens(session);
    save(session);
  }
  const cause = error instanceof Error ? error.message : String(error);
  throw new CommandFailure(`UAA error: ${cause}`, { cause: error });
}
