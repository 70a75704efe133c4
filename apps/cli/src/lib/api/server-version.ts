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

// Credplex sends its API level in this header. At level 1 it reports version 1.9 but supports newer features.
const LEVEL_HEADER = 'x-credplex-level';

/** Version and kind of the server. `isCredplex` is undefined if the version was stored and no request was made. */
export interface KnownServer {
  readonly version: ServerVersion;
  readonly isCredplex: boolean | undefined;
}

/** Returns the version that login stored, or else asks the server. */
export async function knownServer(api: Api): Promise<KnownServer> {
  const stored = api.session.config.serverVersion;
  return stored === '' ? fetchServerVersion(api) : { version: parseVersion(stored), isCredplex: undefined };
}

/**
 * Asks the server for its version: /info, or /version if /info has none.
 *
 * @throws CommandFailure when the version cannot be read or parsed.
 */
export async function fetchServerVersion(api: Api): Promise<KnownServer> {
  const info = await api.sendOpen('GET /info');
  const isCredplex = LEVEL_HEADER in info.response.headers;
  const inInfo = textOf(fieldOf(readReply(info), 'app'), 'version');
  if (inInfo) return { version: parseVersion(inInfo), isCredplex };
  const answer = await api.send('GET /version');
  return { version: parseVersion(textOf(readReply(answer), 'version') ?? ''), isCredplex };
}

/** Checks that the server has version 2 of the permissions API. @throws CommandFailure */
export async function requirePermissionsApi(api: Api): Promise<void> {
  if (await supports(api, await knownServer(api), [2, 0])) return;
  throw new CommandFailure('credhub server version <2.0 not supported');
}

/** Checks that the server supports metadata. @throws CommandFailure */
export async function requireMetadata(api: Api, server: KnownServer): Promise<void> {
  if (await supports(api, server, [2, 6, 0])) return;
  throw new CommandFailure(
    'The --metadata flag is not supported for this version of the credhub server (requires >= 2.6.x). Please remove the flag and retry your request.',
  );
}

/**
 * Returns whether the server supports a feature. A stored old version is checked against the server before a refusal.
 */
async function supports(api: Api, server: KnownServer, required: readonly number[]): Promise<boolean> {
  if (!isOlder(server.version, required)) return true;
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
