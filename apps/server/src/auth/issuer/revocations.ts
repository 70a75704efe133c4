/**
 * What was revoked, in memory, so that a request pays no query for it. What this process revokes counts at once; what
 * another replica revoked counts from the next poll into the database, at most {@link POLL_SECONDS} later.
 */
import type { AccountRecords, Clock, Revocation } from '@credplex/core';
import { ACCESS_TOKEN_SECONDS } from './access-tokens.ts';

/**
 * Covers the bearer check's tolerance for `exp` (docs/reference/credhub-server.md#tokens) and different clocks of
 * replicas.
 */
const TOLERANCE_SECONDS = 120;
const POLL_SECONDS = 2;

/** The claims that decide. */
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
  /** Ends one login: its refresh tokens and every access token that came from it. */
  revokeSession(family: string): Promise<void>;
  revokeUser(id: string): Promise<void>;
  revokeClient(id: string): Promise<void>;
  /** Counts a revocation that was stored elsewhere in this process from now on. */
  add(revocation: Revocation): void;
  /** Reads what others revoked. */
  refresh(): Promise<void>;
  /** Called after each change of what is revoked. Gives an unsubscriber. */
  onChange(listener: () => void): () => void;
  /** Looks regularly until stopped. A failed poll is told to `onError` and tried again. */
  start(onError: (error: unknown) => void): { stop(): void };
}

/** When every access token that was issued until `now` has expired by itself. */
export function revocationExpiry(now: Date): Date {
  return new Date(now.getTime() + (ACCESS_TOKEN_SECONDS + TOLERANCE_SECONDS) * 1000);
}

/** The row that ends everything of a subject issued so far. Also used by the operator's commands. */
export function revocationOf(kind: Revocation['kind'], subject: string, now: Date): Revocation {
  return {
    kind,
    subject,
    before: now,
    expiresAt: revocationExpiry(now),
  };
}

export function createRevocations(deps: { accounts: AccountRecords; clock: Clock }): Revocations {
  let revokedBefore = new Map<string, number>();
  /** Stored through this process. A read that began before one of them was committed must not make it forgotten. */
  const storedHere = new Map<string, Revocation>();
  const listeners = new Set<() => void>();
  const keyOf = (kind: string, subject: string): string => `${kind}:${subject}`;
  const notify = () => {
    for (const listener of listeners) listener();
  };

  const revoke = async (kind: Revocation['kind'], subject: string): Promise<void> => {
    const row = revocationOf(kind, subject, deps.clock.now());
    await deps.accounts.revoke(row);
    add(row);
  };
  const add = (revocation: Revocation): void => {
    const key = keyOf(revocation.kind, revocation.subject);
    storedHere.set(key, revocation);
    revokedBefore.set(key, revocation.before.getTime());
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
    add,
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
