import { CommandFailure } from '../failure.ts';
import { fieldOf, textOf } from '../format/document.ts';
import { readReply } from './answers.ts';
import type { Api } from './api.ts';

/** A version in the form that hashicorp's go-version reads. */
export interface ServerVersion {
  readonly text: string;
  readonly segments: readonly number[];
  readonly prerelease: boolean;
}

// Our server names its API level here in every answer; at level 1 it reports version 1.9, but can do more.
const LEVEL_HEADER = 'x-credplex-level';

/** What is known of the server. `isCredplex` is open where the version was stored and nothing was asked. */
export interface KnownServer {
  readonly version: ServerVersion;
  readonly isCredplex: boolean | undefined;
}

/** The version that login stored, else what the server says now. */
export async function knownServer(api: Api): Promise<KnownServer> {
  const stored = api.session.config.serverVersion;
  return stored === '' ? askServer(api) : { version: parseVersion(stored), isCredplex: undefined };
}

/**
 * Asks the server, whatever is stored: /info, and /version if that has no version.
 *
 * @throws CommandFailure when the version cannot be had or does not parse.
 */
export async function askServer(api: Api): Promise<KnownServer> {
  const info = await api.sendOpen('GET /info');
  const isCredplex = LEVEL_HEADER in info.response.headers;
  const inInfo = textOf(fieldOf(readReply(info), 'app'), 'version');
  if (inInfo) return { version: parseVersion(inInfo), isCredplex };
  const answer = await api.send('GET /version');
  return { version: parseVersion(textOf(readReply(answer), 'version') ?? ''), isCredplex };
}

/** @throws CommandFailure when the server's permissions API is older than version 2 (and it is not ours). */
export async function requirePermissionsApi(api: Api): Promise<void> {
  if (await canDo(api, await knownServer(api), [2, 0])) return;
  throw new CommandFailure('credhub server version <2.0 not supported');
}

/** @throws CommandFailure when the server has no metadata yet (and it is not ours). */
export async function requireMetadata(api: Api, server: KnownServer): Promise<void> {
  if (await canDo(api, server, [2, 6, 0])) return;
  throw new CommandFailure(
    'The --metadata flag is not supported for this version of the credhub server (requires >= 2.6.x). Please remove the flag and retry your request.',
  );
}

/** Before it says no because of a stored version, it looks whether the server is one that can do it nevertheless. */
async function canDo(api: Api, server: KnownServer, wanted: readonly number[]): Promise<boolean> {
  if (!isOlder(server.version, wanted)) return true;
  if (server.isCredplex !== undefined) return server.isCredplex;
  return LEVEL_HEADER in (await api.sendOpen('GET /info')).response.headers;
}

export function isOlder(version: ServerVersion, wanted: readonly number[]): boolean {
  for (const [index, number] of wanted.entries()) {
    const difference = (version.segments[index] ?? 0) - number;
    if (difference !== 0) return difference < 0;
  }
  return version.prerelease;
}

const VERSION = /^v?([0-9]+(?:\.[0-9]+)*)(-?[A-Za-z~][0-9A-Za-z~.-]*|-[0-9]+[0-9A-Za-z~.-]*)?(\+[0-9A-Za-z~.-]+)?$/;

/** @throws CommandFailure `malformed version: …` */
function parseVersion(text: string): ServerVersion {
  const match = VERSION.exec(text);
  if (!match) throw new CommandFailure(`malformed version: ${text}`);
  return {
    text,
    segments: (match[1] ?? '').split('.').map(Number),
    prerelease: match[2] !== undefined,
  };
}
