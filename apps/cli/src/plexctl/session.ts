import { CommandFailure } from '../lib/failure.ts';
import { exitCodes } from './exit-codes.ts';
import type { Host } from './host.ts';
import { checkedToken, readSmallFile } from './input.ts';
import type { PersistentFlags } from './persistent-flags.ts';
import { loadProfiles, type Profile } from './profiles.ts';
import { usageFailure } from './usage.ts';

/** The server and credentials of a command. */
export interface Session {
  /** Without a slash at the end. */
  readonly server: string;
  readonly token: string;
  /** PEM texts to trust beside the system's authorities. */
  readonly ca: readonly string[];
}

/** Determines server, token and certificates. Flags override the environment, which overrides the profile. */
export async function openSession(flags: PersistentFlags, host: Host): Promise<Session> {
  const profile = chosenProfile(flags, host);
  const server = serverOf(flags, host, profile);
  return { server, token: await tokenOf(flags, host, { server, profile }), ca: caOf(flags, host, profile) };
}

/** Returns the named profile, which must exist, or the default profile, which may be missing. */
export function chosenProfile({ profile: name }: PersistentFlags, host: Host): Profile | undefined {
  const stored = loadProfiles(host);
  const found = stored.profiles.get(name ?? stored.default);
  if (found === undefined && name !== undefined) {
    throw usageFailure(`There is no profile '${name}'. Make it with plexctl login --profile-name ${name}.`);
  }
  return found;
}

export function serverOf({ server }: PersistentFlags, { env }: Host, profile: Profile | undefined): string {
  const given = server ?? (env.PLEXSPHERE_URL || profile?.server);
  if (given === undefined) throw usageFailure('No server is known. Give --server URL, set PLEXSPHERE_URL, or log in.');
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const usable = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  if (!usable || url.search !== '' || url.hash !== '') {
    throw usageFailure(
      'The server must be a URL such as https://plexsphere.example.com, without user, query or fragment.',
    );
  }
  return url.href.replace(/\/+$/, '');
}

export function caOf(flags: PersistentFlags, host: Host, profile: Profile | undefined): readonly string[] {
  const path = flags['ca-cert'];
  const fromEnv = host.env.PLEXSPHERE_CA_CERT;
  if (path !== undefined) return [pem(readSmallFile(host, path, 'certificates'))];
  if (fromEnv) return [pem(fromEnv.includes('-----BEGIN') ? fromEnv : readSmallFile(host, fromEnv, 'certificates'))];
  return profile?.ca_cert === undefined ? [] : [profile.ca_cert];
}

async function tokenOf(
  flags: PersistentFlags,
  host: Host,
  { server, profile }: { server: string; profile: Profile | undefined },
): Promise<string> {
  const path = flags['token-file'];
  if (path !== undefined)
    return checkedToken(path === '-' ? await stdinText(host) : readSmallFile(host, path, 'token'));
  const fromEnv = host.env.PLEXSPHERE_TOKEN;
  if (fromEnv) return checkedToken(fromEnv);
  if (profile === undefined) {
    throw new CommandFailure('You are not logged in. Run plexctl login --server URL --token-file FILE.', {
      exitCode: exitCodes.unauthenticated,
    });
  }
  // A stored token is sent only to the server that it was stored for.
  if (new URL(profile.server).origin !== new URL(server).origin) {
    throw new CommandFailure(
      `The stored login is for ${profile.server}. Log in to ${server} first, or give --token-file.`,
      {
        exitCode: exitCodes.unauthenticated,
      },
    );
  }
  return profile.token;
}

const maxTokenBytes = 16_384;

export async function stdinText(host: Host): Promise<string> {
  return (await host.stdin(maxTokenBytes)).toString();
}

function pem(text: string): string {
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw usageFailure('The file of --ca-cert holds no PEM certificate.');
  return text;
}
