/**
 * Caches revocations in memory, so that requests need no query. Revocations of this server apply immediately in all its workers,
 * those of other replicas after the next poll of the database, at most {@link POLL_SECONDS} later.
 */
import type { AccountRecords, Clock, Revocation } from '@credplex/core';
import { type Coordination, localCoordination } from '../../coordination.ts';
import { ACCESS_TOKEN_SECONDS } from './access-tokens.ts';

/**
 * Covers the tolerance for `exp` (docs/reference/credhub-server.md#tokens) and clock differences between replicas.
 */
const TOLERANCE_SECONDS = 120;
const POLL_SECONDS = 2;

/** The claims that a revocation can match. */
interface Revocable {
  readonly jti?: unknown;
  readonly iat_ms?: unknown;
  readonly user_id?: unknown;
  readonly client_id?: unknown;
  readonly sid?: unknown;
}

export interface Revocations {
  isRevoked(claims: Revocable): boolean;
  revokeToken(jti: string): Promise<void>;
  /** Ends one login: its refresh tokens and all its access tokens. */
  revokeSession(family: string): Promise<void>;
  revokeUser(id: string): Promise<void>;
  revokeClient(id: string): Promise<void>;
  /** Adds a revocation that other code of this server has stored. */
  add(revocation: Revocation): void;
  /** Loads the revocations of other replicas. */
  refresh(): Promise<void>;
  /** Calls the listener after each change. Returns a function that unsubscribes it. */
  onChange(listener: () => void): () => void;
  /** Polls until stopped. A failed poll is reported to `onError` and retried. */
  start(onError: (error: unknown) => void): { stop(): void };
}

/** Returns when every access token that was issued until `now` has expired. */
export function revocationExpiry(now: Date): Date {
  return new Date(now.getTime() + (ACCESS_TOKEN_SECONDS + TOLERANCE_SECONDS) * 1000);
}

/** Returns the revocation of all tokens of a subject that were issued until `now`. */
export function revocationOf(kind: Revocation['kind'], subject: string, now: Date): Revocation {
  return {
    kind,
    subject,
    before: now,
    expiresAt: revocationExpiry(now),
  };
}

interface RevocationDeps {
  readonly accounts: AccountRecords;
  readonly clock: Clock;
  /** Default: that of a server with one process. */
  readonly coordination?: Coordination;
}

export function createRevocations(deps: RevocationDeps): Revocations {
  const { coordination = localCoordination() } = deps;
  let revokedBefore = new Map<string, number>();
  /** Revocations stored by this server. A poll that began before their commit must not remove them. */
  const storedHere = new Map<string, Revocation>();
  const listeners = new Set<() => void>();
  const keyOf = (kind: string, subject: string): string => `${kind}:${subject}`;
  const notify = () => {
    for (const listener of listeners) listener();
  };

  const revoke = async (kind: Revocation['kind'], subject: string): Promise<void> => {
    const row = revocationOf(kind, subject, deps.clock.now());
    await deps.accounts.revoke(row);
    await add(row);
  };
  /** Applies it here immediately. A worker that does not apply it in time loads it with its next poll. */
  const add = async (revocation: Revocation): Promise<void> => {
    addHere(revocation);
    await coordination.publish('revocation', revocation).catch(() => undefined);
  };
  const addHere = (revocation: Revocation): void => {
    const key = keyOf(revocation.kind, revocation.subject);
    const before = revocation.before.getTime();
    // The publisher of a revocation receives it, too.
    if (revokedBefore.get(key) === before && storedHere.has(key)) return;
    storedHere.set(key, revocation);
    revokedBefore.set(key, before);
    notify();
  };
  const isCovered = (kind: string, subject: unknown, issuedAt: unknown): boolean => {
    const before = typeof subject === 'string' ? revokedBefore.get(keyOf(kind, subject)) : undefined;
    if (before === undefined) return false;
    return kind === 'jti' || kind === 'session' || typeof issuedAt !== 'number' || issuedAt <= before;
  };
  const refresh = async (): Promise<void> => {
    const now = deps.clock.now();
    const rows = await deps.accounts.revocations(now);
    const next = new Map(rows.map((row) => [keyOf(row.kind, row.subject), row.before.getTime()]));
    for (const [key, { before, expiresAt }] of storedHere) {
      if (expiresAt <= now) storedHere.delete(key);
      else next.set(key, Math.max(before.getTime(), next.get(key) ?? 0));
    }
    const changed =
      next.size !== revokedBefore.size || [...next].some(([key, before]) => revokedBefore.get(key) !== before);
    revokedBefore = next;
    if (changed) notify();
  };

  coordination.subscribe('revocation', addHere);
  return {
    isRevoked: ({ jti, sid, iat_ms, user_id, client_id }) =>
      revokedBefore.size > 0 &&
      (isCovered('jti', jti, iat_ms) ||
        isCovered('session', sid, iat_ms) ||
        isCovered('user', user_id, iat_ms) ||
        isCovered('client', client_id, iat_ms)),
    revokeToken: (jti) => revoke('jti', jti),
    revokeSession: (family) => revoke('session', family),
    revokeUser: (id) => revoke('user', id),
    revokeClient: (id) => revoke('client', id),
    add: (revocation) => void add(revocation),
    refresh,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start(onError) {
      let timer: NodeJS.Timeout | undefined;
      let stopped = false;
      const poll = async (): Promise<void> => {
        await refresh().catch(onError);
        if (!stopped) timer = setTimeout(poll, POLL_SECONDS * 1000).unref();
      };
      timer = setTimeout(poll, 0).unref();
      return {
        stop() {
          stopped = true;
          clearTimeout(timer);
        },
      };
    },
  };
}
