/**
 * Who may log in: users, clients, their refresh tokens, what was revoked, and who guessed wrong too often. Everything
 * that the built-in issuer keeps, shared by all replicas.
 *
 * Duties of every implementer: a method is all-or-nothing and survives kill -9 once acknowledged; names of users and
 * clients compare exactly; nothing secret in an error. Every method may throw CredError `unavailable`.
 */
import type { AuditEvent } from './audit.ts';

/**
 * What a secret is checked against: `sha256:<base64url>` for secrets that we generate (256 bits of entropy need no
 * stretching), `$argon2id$…` (PHC string) for chosen ones, `public` for a client whose secret is empty.
 */
export type Verifier = string;

/** One record, one UUID: `uaa-user:<id>` in CredHub, `user:<id>` in Plexsphere. */
export interface UserRow {
  /** Lower-case UUID. */
  readonly id: string;
  readonly name: string;
  readonly verifier: Verifier;
  /** Scopes a token of this user may carry. */
  readonly scopes: readonly string[];
  readonly createdAt: Date;
}

export const GRANT_TYPES = ['password', 'client_credentials', 'refresh_token'] as const;
export type GrantType = (typeof GRANT_TYPES)[number];

/** `uaa-client:<id>` in CredHub. */
export interface ClientRow {
  /** The client_id. */
  readonly id: string;
  readonly verifier: Verifier;
  readonly grantTypes: readonly GrantType[];
  /** For client_credentials: what its tokens carry. For password: the most that a user's token through it may carry. */
  readonly scopes: readonly string[];
  readonly createdAt: Date;
}

export interface NewRefreshToken {
  /** SHA-256 of the token. */
  readonly hash: Uint8Array;
  readonly expiresAt: Date;
}

export interface RefreshGrant {
  /** All tokens that descend from one login. */
  readonly family: string;
  readonly userId: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
}

/** The rows that a login was allowed by, as they were read. It counts while they are like that. */
export interface LoginBasis {
  readonly client: Pick<ClientRow, 'id' | 'verifier'>;
  readonly user?: Pick<UserRow, 'id' | 'verifier'> | undefined;
  /** The login that a refresh goes on with. */
  readonly family?: string | undefined;
}

/**
 * `reused`: two holders went on from one token, so one of them is a thief. The login is over: its family is gone and
 * its access tokens are revoked by the stored `revocation` (RFC 9700, section 4.14.2).
 */
export type RotateResult =
  | { readonly outcome: 'rotated'; readonly grant: RefreshGrant }
  | { readonly outcome: 'reused'; readonly revocation: Revocation }
  | { readonly outcome: 'unknown' | 'expired' };

/**
 * `jti`: this token. `session`: every token of one login (`subject` is its family). `user`, `client`: every token of
 * the subject issued at or before `before`. A row is worth keeping until `expiresAt`, when every token that it applies
 * to has expired by itself.
 */
export interface Revocation {
  readonly kind: 'jti' | 'session' | 'user' | 'client';
  readonly subject: string;
  readonly before: Date;
  readonly expiresAt: Date;
}

/** A counter of wrong logins. `key` says of what: account and address, account, or address. */
export interface Throttle {
  readonly key: string;
  readonly failures: number;
  readonly lastFailureAt: Date;
  readonly blockedUntil: Date;
}

export interface AccountRecords {
  /** The user that the first start made, here or on another replica; also after it was removed. */
  firstOperator(): Promise<string | undefined>;
  /**
   * Makes the first operator's user and clients in one transaction. `taken`: somebody did so before. A client that
   * exists already stays as it is.
   */
  claimFirstOperator(request: {
    readonly user: UserRow;
    readonly clients: readonly ClientRow[];
    readonly audit: AuditEvent;
  }): Promise<'claimed' | 'taken'>;

  /** `exists` when the name is taken. Never a 500 for a race. */
  createUser(user: UserRow, audit: AuditEvent): Promise<'created' | 'exists'>;
  userByName(name: string): Promise<UserRow | undefined>;
  userById(id: string): Promise<UserRow | undefined>;
  /** By name. */
  listUsers(): Promise<UserRow[]>;
  /** Also ends every session: refresh tokens are deleted, `revocation` is stored. `false`: no such user. */
  setUserVerifier(id: string, verifier: Verifier, revocation: Revocation, audit: AuditEvent): Promise<boolean>;
  /** As above; Plexsphere tokens and relations are the broker's tables and stay with an id that nobody has any more. */
  deleteUser(id: string, revocation: Revocation, audit: AuditEvent): Promise<boolean>;

  createClient(client: ClientRow, audit: AuditEvent): Promise<'created' | 'exists'>;
  clientById(id: string): Promise<ClientRow | undefined>;
  listClients(): Promise<ClientRow[]>;
  setClientVerifier(id: string, verifier: Verifier, revocation: Revocation, audit: AuditEvent): Promise<boolean>;
  deleteClient(id: string, revocation: Revocation, audit: AuditEvent): Promise<boolean>;

  /**
   * Whether the rows of `basis` are there unchanged. Waits for a change of them that is under way: a secret may be
   * checked for seconds, and what it allows must not outlive the secret.
   */
  isUnchanged(basis: LoginBasis): Promise<boolean>;
  /** Stores the first token of a family if {@link isUnchanged} in the same step. `false`: nothing was stored. */
  startRefresh(grant: RefreshGrant, token: NewRefreshToken, now: Date, basis: LoginBasis): Promise<boolean>;
  /**
   * Takes a token and stores its successor. A token may be presented again while its successor is unused: the original
   * CLI does not save what it got from a refresh. Unused successors older than `graceSeconds` are then out of use;
   * younger ones stay good, for two commands that run at once, until one of them is used: using a second one then is
   * reuse. Concurrent calls queue on the family.
   */
  rotateRefresh(request: {
    readonly hash: Uint8Array;
    readonly next: NewRefreshToken;
    readonly now: Date;
    readonly graceSeconds: number;
    /** A token of another client is `unknown`. */
    readonly clientId: string;
    /** How long the revocation of a reused token's login is kept. */
    readonly revocationExpiresAt: Date;
  }): Promise<RotateResult>;

  /** Stores a revocation, and ends refresh tokens of the subject (`session`, `user`, `client`). */
  revoke(revocation: Revocation): Promise<void>;
  /** Everything that has not expired. Small: tokens live ten minutes. */
  revocations(now: Date): Promise<Revocation[]>;

  /** Rows of those keys that exist. */
  throttles(keys: readonly string[]): Promise<Throttle[]>;
  /**
   * Counts one wrong login under every key, losing none that are counted at the same time. A counter whose last failure
   * lies before `now - windowSeconds` starts again at 1. Up to `free` failures block nothing, each one more blocks 1,
   * 2, 4 … seconds from now, at most `capSeconds`.
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
