import { LoginFailure, NOT_LOGGED_IN } from '../failure.ts';
import { hasToken, REVOKED, readConfig } from './config-file.ts';
import { withLoginLock } from './login-lock.ts';
import { type Session, saveTokens, uaaOf } from './session.ts';
import { clientGrant, passwordGrant, refreshGrant, type Tokens, UaaRefusal } from './uaa.ts';

/** Fetches a token for the client of the environment. It is not stored. */
export async function firstToken(session: Session): Promise<void> {
  if (session.client === undefined) throw new LoginFailure(NOT_LOGGED_IN);
  keep(session, await explained(clientGrant(uaaOf(session), session.client)));
}

/**
 * Replaces an expired token and stores the new one: by the environment's client if there is one, else by the refresh
 * token. A stored client login has neither; the original then asks with an empty user, and so do we.
 *
 * A refresh token can be used once. Concurrent commands wait for each other, and later ones use the token that the
 * first one stored, unless `always` is set.
 *
 * @throws LoginFailure when no new token can be obtained.
 */
export async function refreshToken(session: Session, always = false): Promise<void> {
  const uaa = uaaOf(session);
  const { config, client } = session;
  if (client !== undefined) keep(session, await explained(clientGrant(uaa, client)));
  else if (config.refreshToken === '') keep(session, await explained(passwordGrant(uaa, '', '')));
  else {
    await withLoginLock(session.host, async () => {
      const isNew = takeStoredTokens(session);
      if (isNew && !always) return;
      keep(session, await refused(refreshGrant(uaa, config.refreshToken)));
      saveTokens(session);
    });
    return;
  }
  saveTokens(session);
}

/**
 * Takes over what another command stored meanwhile. @returns whether there is an access token that was not tried yet
 */
function takeStoredTokens({ host, config }: Session): boolean {
  const stored = readConfig(host);
  if (stored.apiUrl !== config.apiUrl) return false;
  if (stored.accessToken === REVOKED) throw new LoginFailure(NOT_LOGGED_IN);
  if (!hasToken(stored) || stored.accessToken === config.accessToken) return false;
  config.accessToken = stored.accessToken;
  config.refreshToken = stored.refreshToken;
  return true;
}

function keep(session: Session, tokens: Tokens): void {
  session.config.accessToken = tokens.accessToken;
  session.config.refreshToken = tokens.refreshToken;
}

async function explained(tokens: Promise<Tokens>): Promise<Tokens> {
  return tokens.catch((error: unknown) => {
    const cause = error instanceof Error ? error.message : String(error);
    throw new LoginFailure(
      `Error getting token. Your token may have expired and could not be refreshed. Please try logging in again. [${cause}]`,
      { cause: error },
    );
  });
}

async function refused(tokens: Promise<Tokens>): Promise<Tokens> {
  return tokens.catch((error: unknown) => {
    if (!(error instanceof UaaRefusal)) throw error;
    throw new LoginFailure(error.error.includes('invalid_token') ? NOT_LOGGED_IN : error.message, { cause: error });
  });
}
