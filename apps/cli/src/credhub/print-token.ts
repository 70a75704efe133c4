import { askAuthUrl } from '../lib/api/target.ts';
import { CommandFailure, NO_TARGET, NOT_LOGGED_IN } from '../lib/failure.ts';
import { hasToken } from '../lib/session/config-file.ts';
import { firstToken, refreshToken } from '../lib/session/login.ts';
import { openSession, rememberTarget } from '../lib/session/session.ts';
import type { Host } from '../lib/terminal/host.ts';

/** `--token`: the stored token after a refresh, or one for the environment's client. */
export async function printToken(host: Host, httpTimeout: bigint | undefined): Promise<void> {
  const session = openSession(host, httpTimeout);
  const { config } = session;
  const fromClient = Boolean(session.client?.secret);
  if (!hasToken(config) && !fromClient) {
    // As in the original: no colour, no line break, exit code 0.
    host.err(NOT_LOGGED_IN);
    return;
  }
  if (config.apiUrl === '') throw new CommandFailure(NO_TARGET);
  if (config.authUrl === '') config.authUrl = await askAuthUrl(session);
  if (hasToken(config)) {
    // A token that cannot be refreshed may still be valid.
    await refreshToken(session, true).catch(() => undefined);
    host.out(`Bearer ${config.accessToken}\n`);
    return;
  }
  rememberTarget(session);
  await firstToken(session);
  host.out(`Bearer ${config.accessToken}\n`);
}
