import { CommandFailure } from '../failure.ts';
import { certificatesOrValue } from '../files/file-or-value.ts';
import { fieldOf, textOf } from '../format/document.ts';
import { goQuote } from '../format/go-quote.ts';
import { type Config, hasToken, REVOKED } from '../session/config-file.ts';
import { type Session, uaaOf } from '../session/session.ts';
import { askUaa, revokeToken } from '../session/uaa.ts';
import { warning } from '../terminal/colour.ts';
import type { Host } from '../terminal/host.ts';
import { readReply } from './answers.ts';
import { createCredhubClient, transportOf } from './client.ts';

/** The PEM texts of --ca-cert, each given as a file or as text. */
export function authoritiesFrom(host: Host, given: readonly string[] | undefined): readonly string[] | undefined {
  return given?.map((one) => certificatesOrValue(host.cwd, one));
}

/** @throws CommandFailure naming the cause, when the server or its /info cannot be had. */
export async function askAuthUrl(session: Session): Promise<string> {
  const info = await createCredhubClient(transportOf(session))('GET /info');
  return textOf(fieldOf(readReply(info), 'auth-server'), 'url') ?? '';
}

/** Makes sure that a new target and its authorization server are there. `authServer` names the latter in errors. */
export async function contactTarget(session: Session, authServer: string): Promise<void> {
  session.config.authUrl = await askAuthUrl(session).catch(unreachable('targeted API'));
  if (session.config.insecureSkipVerify) return;
  // Only its TLS counts; any HTTP answer will do.
  await askUaa(uaaOf(session)).catch(unreachable(authServer));
}

function unreachable(what: string): (error: unknown) => never {
  return (error) => {
    const cause = goQuote(error instanceof Error ? error.message : String(error));
    throw new CommandFailure(
      `Error connecting to the ${what}: ${cause}. Please validate your target and retry your request.`,
      { cause: error },
    );
  };
}

/** The warnings of `api` and `login`, on stdout. */
export function warnOfRisks(host: Host, config: Config): void {
  if (!config.apiUrl.startsWith('https://')) {
    const text =
      'Warning: Insecure HTTP API detected. Data sent to this API could be intercepted in transit by third parties. Secure HTTPS API endpoints are recommended.';
    host.out(warning(host, text, 'yellow'));
  } else if (config.insecureSkipVerify) {
    host.out(
      warning(host, 'Warning: The targeted TLS certificate has not been verified for this connection.', 'yellow') +
        warning(host, 'Warning: The --skip-tls-validation flag is deprecated. Please use --ca-cert instead.', 'red'),
    );
  }
}

/** Revokes the stored tokens as far as the server lets us, and marks them so. */
export async function dropTokens(session: Session): Promise<void> {
  const { config } = session;
  if (hasToken(config)) await revokeToken(uaaOf(session), config.accessToken).catch(() => undefined);
  config.accessToken = REVOKED;
  config.refreshToken = REVOKED;
}
