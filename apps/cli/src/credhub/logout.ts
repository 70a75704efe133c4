import { hasToken, REVOKED, readConfig, writeConfig } from '../lib/config-file.ts';
import type { Host } from '../lib/host.ts';
import { withLoginLock } from '../lib/login-lock.ts';
import { type Session, uaaOf } from '../lib/session.ts';
import { revokeToken } from '../lib/uaa.ts';
import type { Context } from './command-definition.ts';
import type { NO_FLAGS } from './flags.ts';

/** Ends the stored login, also where CREDHUB_SERVER makes the other commands ignore it. */
export async function logout({ host, session }: Context<typeof NO_FLAGS>): Promise<void> {
  await withLoginLock(host, () => endLogin(host, session));
  host.out('Logout Successful\n');
}

async function endLogin(host: Host, session: Session): Promise<void> {
  const config = readConfig(host);
  const caCerts = host.env.CREDHUB_CA_CERT === undefined ? config.caCerts : session.config.caCerts;
  if (hasToken(config)) {
    await revokeToken(uaaOf({ ...session, config: { ...config, caCerts } }), config.accessToken);
  }
  writeConfig(host, { ...config, accessToken: REVOKED, refreshToken: REVOKED });
}
