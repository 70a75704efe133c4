/**
 * Keys of an outside UAA, fetched when they are first needed: the server starts with UAA down, and requests that need its
 * keys get `unavailable` until it answers. What was fetched goes on working while UAA is away.
 */
import { createPublicKey, type JsonWebKeyInput } from 'node:crypto';
import { type Clock, CredError } from '@credplex/core';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { Agent, fetch } from 'undici';
import type { KeySource, TokenAlgorithm, VerificationKey } from './key-source.ts';

/** How long keys are cached (docs/reference/credhub-server.md#tokens). */
const MAX_AGE_MS = 5 * 60_000;
/** An unknown kid refetches the keys, at most once in this time. */
const MIN_REFRESH_INTERVAL_MS = 5_000;
/** After a failure the next requests are refused at once. */
const RETRY_AFTER_MS = 1_000;
const TIMEOUT_MS = 5_000;
const MAX_BYTES = 1024 * 1024;

export interface UaaKeysDeps {
  /** Where the server itself reaches UAA, without a slash at the end. */
  readonly url: string;
  /** PEM of roots, intermediates or UAA's own certificate; absent: the system's roots. */
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

/** The verification keys of a JWK set; keys that we cannot use are left out. */
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
      // A broken key beside good ones is UAA's trouble.
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
    if (typeof issuer !== 'string') throw new Error('UAA told no issuer');
    const keys = await readJwks(set);
    return { issuer, keys, thumbprints: new Set(keys.map((key) => key.thumbprint)), at: now() };
  };

  /** One fetch at a time, for every caller. */
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
    // Worth waiting for, as a key may be gone. Once that failed nobody waits again until UAA answers.
    if (failedAt < known.at) return refresh().catch(() => known);
    refreshInBackground();
    return known;
  };

  return {
    issuer: async () => (await current()).issuer,
    keys: async ({ refresh: isForced }) => {
      const known = await current();
      if (!isForced || now() - known.at < MIN_REFRESH_INTERVAL_MS) return known.keys;
      // The key may be a new one that only UAA knows: that is no reason to call the token wrong.
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
