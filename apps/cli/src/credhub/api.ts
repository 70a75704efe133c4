import { CommandFailure, NO_TARGET } from '../lib/failure.ts';
import { type Session, save, withScheme } from '../lib/session.ts';
import { authoritiesFrom, contactTarget, dropTokens, warnOfRisks } from '../lib/target.ts';
import type { Context } from './command-definition.ts';
import type { API_FLAGS } from './flags.ts';

export async function api({ values, argument, host, session }: Context<typeof API_FLAGS>): Promise<void> {
  const wanted = argument || values.server;
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
      caCerts: authoritiesFrom(host, values.caCert) ?? [],
      insecureSkipVerify: values.skipTlsValidation,
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
