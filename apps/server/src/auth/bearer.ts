/**
 * Bearer tokens of CredHub's API. A verified token is remembered under its SHA-256, so that a busy client pays for one
 * signature in five minutes; its times, its key and revocation still count on each use.
 */
import { hash } from 'node:crypto';
import type { Clock } from '@credplex/core';
import { LRUCache } from 'lru-cache';
import { type Claims, checkTimes, type VerifiedToken, verifyToken } from './jwt.ts';
import type { KeySource } from './key-source.ts';
import type { Principal } from './principal.ts';
import { AuthRefused } from './refusal.ts';

const MAX_CACHED_TOKENS = 10_000;
/** How long a verified token is remembered (docs/operate/security.md#tokens-and-passwords). */
const MAX_CACHE_SECONDS = 5 * 60;

interface CachedToken extends Omit<VerifiedToken, 'claims'> {
  readonly principal: Principal;
  readonly until: number;
}

export interface BearerAuthenticator {
  /** Answers at once for a remembered token. `key`: its {@link tokenKey}, where that is known already. @throws AuthRefused, CredError `unavailable` */
  authenticate(token: string, key?: string): Principal | Promise<Principal>;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * A user's token names the user whatever its grant is (docs/reference/credhub-server.md#actors); the original answers
 * 500 there (docs/reference/divergences.md#authentication).
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

/** Under which a token is remembered: its SHA-256. */
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
    // What was revoked while this was being verified may be this token: the next use asks again.
    if (revocations === revocationsBefore) cache.set(key, { ...verified, principal, until: now + MAX_CACHE_SECONDS });
    return principal;
  };

  return {
    authenticate(token, key = tokenKey(token)) {
      return cachedPrincipal(key, seconds()) ?? verify(token, key);
    },
  };
}

/** Where there is no OAuth (`auth.oauth.enabled: false`): a token is as good as none. */
export const noBearer: BearerAuthenticator = {
  authenticate() {
    throw new AuthRefused({ kind: 'access_denied' });
  },
};
