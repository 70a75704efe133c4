/**
 * The records of the built-in token issuer, shared by all replicas: users, clients, refresh tokens, revocations and
 * counters of failed logins.
 *
 * Duties of every implementer: each method is atomic and durable once acknowledged, even after kill -9. Names of users
 * and clients are case-sensitive. Errors contain no secrets. Every method may throw CredError `unavailable`.
 */
import type { AuditEvent } from './audit.ts';

/**
 * The stored hash of a secret: `sha256:<base64url>` for generated secrets (256 bits of entropy need no stretching),
 * `$argon2id$…` (PHC string) for chosen secrets, `public` for a client with an empty secret.
 */
export type Verifier = string;

/** A user. The same id is `uaa-user:<id>` in CredHub and `user:<id>` in Plexsphere. */
export interface UserRow {
  /** Lower-case UUID. */
  readonly id: string;
  readonly name: string;
  readonly verifier: Verifier;
  /** Scopes that a token of this user may have. */
  readonly scopes: readonly string[];
  readonly createdAt: Date;
}

export const GRANT_TYPES = ['password', 'client_credentials', 'refresh_token'] as const;
export type GrantType = (typeof GRANT_TYPES)[number];

/** An OAuth client, `uaa-client:<id>` in CredHub. */
export interface ClientRow {
  /** The client_id. */
  readonly id: string;
  readonly verifier: Verifier;
  readonly grantTypes: readonly GrantType[];
  /** client_credentials: the scopes of its tokens. password: an upper bound for the scopes of a user's token. */
  readonly scopes: readonly string[];
  readonly createdAt: Date;
}

export interface NewRefreshToken {
  /** SHA-256 of the token. */
  readonly hash: Uint8Array;
  readonly expiresAt: Date;
}

export interface RefreshGrant {
  /** Identifies all tokens of one login. */
  readonly family: string;
  readonly userId: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
}

/** The rows that allowed a login. The login is valid only while they are unchanged. */
export interface LoginBasis {
  readonly client: Pick<ClientRow, 'id' | 'verifier'>;
  readonly user?: Pick<UserRow, 'id' | 'verifier'> | undefined;
  /** The login that a refresh continues. */
  readonly family?: string | undefined;
}

/**
 * `reused`: the token was used twice, so it may be stolen. The login has been ended: its family is deleted and its
 * access tokens are revoked by `revocation` (RFC 9700, section 4.14.2).
 */
export type RotateResult =
  | { readonly outcome: 'rotated'; readonly grant: RefreshGrant }
  | { readonly outcome: 'reused'; readonly revocation: Revocation }
  | { readonly outcome: 'unknown' | 'expired' };

/**
 * `jti`: one token. `session`: every token of one login (`subject` is its family). `user`, `client`: every token of the
 * subject that was issued at or before `before`. A row is needed until `expiresAt`, when all tokens that it applies to
 * have expired.
 */
export interface Revocation {
  readonly kind: 'jti' | 'session' | 'user' | 'client';
  readonly subject: string;
  readonly before: Date;
  readonly expiresAt: Date;
}

/** A counter of failed logins per account and address, per account, or per address, as `key` says. */
export interface Throttle {
  readonly key: string;
  readonly failures: number;
  readonly lastFailureAt: Date;
  readonly blockedUntil: Date;
}

export interface AccountRecords {
  /** Returns the user that the first start of any replica created, even if it has been deleted since. */
  firstOperator(): Promise<string | undefined>;
  /**
   * Creates the user and clients of the first operator in one transaction. `taken`: they were created before. Existing
   * clients are not changed.
   */
  claimFirstOperator(request: {
    readonly user: UserRow;
    readonly clients: readonly ClientRow[];
    readonly audit: AuditEvent;
  }): Promise<'claimed' | 'taken'>;

  /** Resolves to `exists` when the name is taken, also in a race. */
  createUser(user: UserRow, audit: AuditEvent): Promise<'created' | 'exists'>;
  userByName(name: string): Promise<UserRow | undefined>;
  userById(id: string): Promise<UserRow | undefined>;
  /** Lists users by name. */
  listUsers(): Promise<UserRow[]>;
  /** Also deletes refresh tokens and stores `revocation`, which ends all sessions. `false`: no such user. */
  setUserVerifier(id: string, verifier: Verifier, revocation: Revocation, audit: AuditEvent): Promise<boolean>;
  /** Likewise. The user's Plexsphere tokens and relations remain, with an id that is never reused. */
  deleteUser(id: string, revocation: Revocation, audit: AuditEvent): Promise<boolean>;

  createClient(client: ClientRow, audit: AuditEvent): Promise<'created' | 'exists'>;
  clientById(id: string): Promise<ClientRow | undefined>;
  listClients(): Promise<ClientRow[]>;
  setClientVerifier(id: string, verifier: Verifier, revocation: Revocation, audit: AuditEvent): Promise<boolean>;
  deleteClient(id: string, revocation: Revocation, audit: AuditEvent): Promise<boolean>;

  /**
   * Returns whether the rows of `basis` are unchanged, after waiting for concurrent changes of them. Verifying a secret
   * can take seconds, and a login must not succeed with a secret that was changed meanwhile.
   */
  isUnchanged(basis: LoginBasis): Promise<boolean>;
  /** Stores the first token of a family, atomically with {@link isUnchanged}. `false`: nothing was stored. */
  startRefresh(grant: RefreshGrant, token: NewRefreshToken, now: Date, basis: LoginBasis): Promise<boolean>;
  /**
   * Exchanges a token for its successor. A token may be used again while its successors are unused, because the
   * original CLI does not save the result of a refresh. Then unused successors older than `graceSeconds` become
   * invalid. Younger ones stay valid for concurrent commands until one of them is used; using another one after that is
   * reuse. Concurrent calls are serialised per family.
   */
  rotateRefresh(request: {
    readonly hash: Uint8Array;
    readonly next: NewRefreshToken;
    readonly now: Date;
    readonly graceSeconds: number;
    /** A token of another client is `unknown`. */
    readonly clientId: string;
    /** When the revocation of a reused token's login may be deleted. */
    readonly revocationExpiresAt: Date;
  }): Promise<RotateResult>;

  /** Stores a revocation and deletes the refresh tokens of its subject (`session`, `user`, `client`). */
  revoke(revocation: Revocation): Promise<void>;
  /** Lists revocations that have not expired. There are few, because tokens live for ten minutes. */
  revocations(now: Date): Promise<Revocation[]>;

  /** Returns the existing counters with these keys. */
  throttles(keys: readonly string[]): Promise<Throttle[]>;
  /**
   * Counts a failed login under every key, without losing concurrent updates. A counter whose last failure is older
   * than `windowSeconds` restarts at 1. The first `free` failures do not block. Each further one blocks for 1, 2, 4 …
   * seconds from now, at most `capSeconds`.
   */
  countFailure(request: {
    readonly keys: readonly { readonly key: string; readonly free: number; readonly capSeconds: number }[];
    readonly now: Date;
    readonly windowSeconds: number;
  }): Promise<void>;
  clearThrottles(keys: readonly string[]): Promise<void>;

  /** Deletes expired refresh tokens, revocations and throttles (`lastFailureAt` before `throttlesBefore`). */
  purge(now: Date, throttlesBefore: Date): Promise<void>;
}
