/**
 * Keys of an external UAA, fetched on first use: the server starts while UAA is down, and requests that need the keys get
 * `unavailable` until UAA answers. Fetched keys stay in use while UAA is unavailable.
 */
import { createPublicKey, type JsonWebKeyInput } from 'node:crypto';
import { type Clock, CredError } from '@credplex/core';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { Agent, fetch } from 'undici';
import type { KeySource, TokenAlgorithm, VerificationKey } from './key-source.ts';

/** Lifetime of cached keys (docs/reference/credhub-server.md#tokens). */
const MAX_AGE_MS = 5 * 60_000;
/** An unknown kid reloads the keys, at most once per interval. */
const MIN_REFRESH_INTERVAL_MS = 5_000;
/** For this time after a failure, requests are refused without another attempt. */
const RETRY_AFTER_MS = 1_000;
const TIMEOUT_MS = 5_000;
const MAX_BYTES = 1024 * 1024;

export interface UaaKeysDeps {
  /** URL at which this server reaches UAA, without a trailing slash. */
  readonly url: string;
  /** PEM of roots, intermediates or UAA's own certificate. Default: the system's roots. */
  readonly ca?: string | undefined;
  readonly clock: Clock;
}

interface Snapshot {
  readonly issuer: string;
  readonly keys: readonly VerificationKey[];
  readonly thumbprints: ReadonlySet<string>;
  readonly at: number;
}

function algorithmOf(jwk: JWK | null): TokenAlgorithm | undefined {
  if (typeof jwk !== 'object' || jwk === null) return undefined;
  if (jwk.use !== undefined && jwk.use !== 'sig') return undefined;
  if (jwk.kty === 'RSA' && (jwk.alg ?? 'RS256') === 'RS256') return 'RS256';
  if (jwk.kty === 'EC' && jwk.crv === 'P-256') return 'ES256';
  if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519') return 'EdDSA';
  return undefined;
}

/** Returns the verification keys of a JWK set, without unsupported ones. */
async function readJwks(set: unknown): Promise<VerificationKey[]> {
  const list = typeof set === 'object' && set !== null && 'keys' in set && Array.isArray(set.keys) ? set.keys : [];
  const found: VerificationKey[] = [];
  for (const jwk of list as (JWK | null)[]) {
    const algorithm = algorithmOf(jwk);
    if (algorithm === undefined || jwk === null) continue;
    try {
      const key = createPublicKey({ key: jwk as JsonWebKeyInput['key'], format: 'jwk' });
      found.push({ kid: jwk.kid, algorithm, key, thumbprint: await calculateJwkThumbprint(jwk) });
    } catch {
      // An invalid key does not affect the others.
    }
  }
  return found;
}

export function createUaaKeys({ url, ca, clock }: UaaKeysDeps): KeySource {
  const dispatcher = new Agent({
    connect: ca === undefined ? {} : { ca, allowPartialTrustChain: true },
    connectTimeout: TIMEOUT_MS,
  });
  const now = () => clock.now().getTime();
  let snapshot: Snapshot | undefined;
  let pendingRefresh: Promise<Snapshot> | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;

  const getJson = async (path: string): Promise<unknown> => {
    const response = await fetch(`${url}${path}`, {
      dispatcher,
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'error',
    });
    const body = await response.text();
    if (!response.ok || body.length > MAX_BYTES) throw new Error(`UAA answered ${response.status} to ${path}`);
    return JSON.parse(body);
  };

  const load = async (): Promise<Snapshot> => {
    const [discovery, set] = await Promise.all([
      snapshot ?? getJson('/.well-known/openid-configuration'),
      getJson('/token_keys'),
    ]);
    const issuer = typeof discovery === 'object' && discovery !== null && 'issuer' in discovery && discovery.issuer;
    if (typeof issuer !== 'string') throw new Error('the discovery document of UAA has no issuer');
    const keys = await readJwks(set);
    return { issuer, keys, thumbprints: new Set(keys.map((key) => key.thumbprint)), at: now() };
  };

  /** Concurrent callers share one fetch. */
  const refresh = (): Promise<Snapshot> => {
    pendingRefresh ??= load()
      .then((loaded) => {
        snapshot = loaded;
        return loaded;
      })
      .catch((cause: unknown) => {
        failedAt = now();
        throw new CredError('unavailable', {}, { cause });
      })
      .finally(() => {
        pendingRefresh = undefined;
      });
    return pendingRefresh;
  };

  const refreshInBackground = () => {
    if (pendingRefresh === undefined && now() - failedAt > MIN_REFRESH_INTERVAL_MS) refresh().catch(() => undefined);
  };

  const current = async (): Promise<Snapshot> => {
    if (snapshot === undefined) {
      if (now() - failedAt < RETRY_AFTER_MS && pendingRefresh === undefined) throw new CredError('unavailable');
      return refresh();
    }
    const known = snapshot;
    if (now() - known.at <= MAX_AGE_MS) return known;
    // Waits for the first refresh, because a key may have been revoked; after a failure refreshes run in the background.
    if (failedAt < known.at) return refresh().catch(() => known);
    refreshInBackground();
    return known;
  };

  return {
    issuer: async () => (await current()).issuer,
    keys: async ({ refresh: isForced }) => {
      const known = await current();
      if (!isForced || now() - known.at < MIN_REFRESH_INTERVAL_MS) return known.keys;
      // The key may be new, so without UAA the token cannot be called invalid.
      if (now() - failedAt < MIN_REFRESH_INTERVAL_MS && pendingRefresh === undefined)
        throw new CredError('unavailable');
      return (await refresh()).keys;
    },
    isCurrent: (thumbprint) => {
      if (snapshot !== undefined && now() - snapshot.at > MAX_AGE_MS) refreshInBackground();
      return snapshot?.thumbprints.has(thumbprint) === true;
    },
    revoked: () => false,
    onRevoked: () => () => undefined,
  };
}
