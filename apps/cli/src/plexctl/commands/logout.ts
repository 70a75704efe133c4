import { UUID_PATTERN } from '@credplex/core/uuid';
import { ApiFailure, callApi } from '../api.ts';
import { PlexctlCommand } from '../command.ts';
import type { Host } from '../host.ts';
import type { PersistentFlags } from '../persistent-flags.ts';
import { loadProfiles, type Profile, saveProfiles, withoutProfile } from '../profiles.ts';
import { caOf, serverOf } from '../session.ts';

// `psk_<env>_<id>_<secret>`.
const TOKEN = new RegExp(`^psk_[a-z]+_(${UUID_PATTERN})_`);

const GIVEN = ' Its token was given to login and stays valid.';

export default class Logout extends PlexctlCommand {
  static override readonly summary = 'Forget the profile, and revoke its token if login made it.';
  static override readonly description =
    'A token that login was given with --token-file stays valid. Only a stored login is ended: --token-file and PLEXSPHERE_TOKEN are not looked at.';
  static override readonly examples = [
    { description: 'End the default login.', command: '<%= config.bin %> logout' },
    { description: 'End another one.', command: '<%= config.bin %> logout --profile staging' },
  ];

  override async run(): Promise<void> {
    const { flags } = await this.parse(Logout);
    const host = this.context;
    const stored = loadProfiles(host);
    const name = flags.profile ?? stored.default;
    const profile = stored.profiles.get(name);
    if (profile === undefined) {
      host.err(name === '' ? 'There is no login to end.\n' : `There is no profile '${name}', so no login to end.\n`);
      return;
    }
    if (profile.given !== true) await revoke(profile, flags, host);
    saveProfiles(host, withoutProfile(stored, name));
    host.err(`Logged out (profile '${name}').${profile.given === true ? GIVEN : ''}\n`);
  }
}

/** Revokes the stored token at the server that issued it, ignoring flags and environment. */
async function revoke(profile: Profile, flags: PersistentFlags, host: Host): Promise<void> {
  const id = TOKEN.exec(profile.token)?.[1];
  if (id === undefined) {
    host.err('The stored token has no id, so it is only forgotten here and not revoked.\n');
    return;
  }
  const server = serverOf({ ...flags, server: profile.server }, host, profile);
  const session = { server, token: profile.token, ca: caOf(flags, host, profile) };
  await callApi(session, host, (client) => client('DELETE /v1/auth/tokens/{id}', { params: { id } })).catch(
    (error: unknown) => {
      // The token is unknown or invalid, so there is nothing to revoke.
      if (!(error instanceof ApiFailure && (error.status === 401 || error.status === 404))) throw error;
    },
  );
}
