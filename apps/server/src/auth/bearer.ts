/**
 * Authenticates bearer tokens of CredHub's API. A verified token is cached by its SHA-256, so its signature is verified once in five
 * minutes. Its times, its key and revocations are checked on each use.
 */
import { hash } from 'node:crypto';
import type { Clock } from '@credplex/core';
import { LRUCache } from 'lru-cache';
import { type Claims, checkTimes, type VerifiedToken, verifyToken } from './jwt.ts';
import type { KeySource } from './key-source.ts';
import type { Principal } from './principal.ts';
import { AuthRefused } from './refusal.ts';

const MAX_CACHED_TOKENS = 10_000;
/** Lifetime of a cached token (docs/operate/security.md#tokens-and-passwords). */
const MAX_CACHE_SECONDS = 5 * 60;

interface CachedToken extends Omit<VerifiedToken, 'claims'> {
  readonly principal: Principal;
  readonly until: number;
}

export interface BearerAuthenticator {
  /**
   * Returns the principal, synchronously for a cached token. `key`: its {@link tokenKey}, if known.
   * @throws AuthRefused, CredError `unavailable`
   */
  authenticate(token: string, key?: string): Principal | Promise<Principal>;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * A token with a user id has the user as its actor, whatever its grant (docs/reference/credhub-server.md#actors); CredHub answers
 * 500 for other grants (docs/reference/divergences.md#authentication).
 */
function principalOf(claims: Claims): Principal {
  const user = text(claims['user_id']);
  const client = text(claims['client_id']);
  const scopes = Array.isArray(claims['scope']) ? claims['scope'] : [];
  const byClient = claims['grant_type'] === 'client_credentials' || user === undefined;
  const actor = byClient ? client && `uaa-client:${client}` : `uaa-user:${user}`;
  const displayName = (byClient ? undefined : text(claims['user_name'])) ?? client ?? user ?? '';
  const hasRequiredScopes = scopes.includes('credhub.read') && scopes.includes('credhub.write');
  return { actor, mechanism: 'uaa', displayName, hasRequiredScopes };
}

/** Returns the cache key of a token, its SHA-256. */
export function tokenKey(token: string): string {
  return hash('sha256', token, 'base64url');
}

export function createBearer({ source, clock }: { source: KeySource; clock: Clock }): BearerAuthenticator {
  const cache = new LRUCache<string, CachedToken>({ max: MAX_CACHED_TOKENS });
  let revocations = 0;
  source.onRevoked(() => {
    revocations += 1;
    cache.clear();
  });
  const seconds = () => clock.now().getTime() / 1000;

  const cachedPrincipal = (key: string, now: number): Principal | undefined => {
    const entry = cache.get(key);
    if (entry === undefined) return undefined;
    if (entry.until < now || !source.isCurrent(entry.thumbprint)) {
      cache.delete(key);
      return undefined;
    }
    checkTimes(entry, now);
    return entry.principal;
  };

  const verify = async (token: string, key: string): Promise<Principal> => {
    const now = seconds();
    const revocationsBefore = revocations;
    const { claims, ...verified } = await verifyToken(token, source, now);
    const principal = principalOf(claims);
    // Not cached after a concurrent revocation, which may concern this token.
    if (revocations === revocationsBefore) cache.set(key, { ...verified, principal, until: now + MAX_CACHE_SECONDS });
    return principal;
  };

  return {
    authenticate(token, key = tokenKey(token)) {
      return cachedPrincipal(key, seconds()) ?? verify(token, key);
    },
  };
}

/** Refuses every token, for `auth.oauth.enabled: false`. */
export const noBearer: BearerAuthenticator = {
  authenticate() {
    throw new AuthRefused({ kind: 'access_denied' });
  },
};
