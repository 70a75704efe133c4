import { hasToken, REVOKED, readConfig, writeConfig } from '../../lib/session/config-file.ts';
import { withLoginLock } from '../../lib/session/login-lock.ts';
import { type Session, uaaOf } from '../../lib/session/session.ts';
import { revokeToken } from '../../lib/session/uaa.ts';
import type { Host } from '../../lib/terminal/host.ts';
import { type Context, CredhubCommand } from '../command.ts';

export default class Logout extends CredhubCommand {
  static override readonly aliases = ['o'];
  static override readonly summary = 'Revoke and forget the tokens';
  static override readonly description =
    'Revokes the access token at the authorization server and forgets both tokens.';
  static override readonly examples = ['credhub logout'];
  static override readonly flags = {};
  static override readonly needsLogin = false;

  override async run(): Promise<void> {
    await logout(await this.open(Logout));
  }
}

/** Ends the stored login, also where CREDHUB_SERVER makes the other commands ignore it. */
async function logout({ host, session }: Context<typeof Logout.flags>): Promise<void> {
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
