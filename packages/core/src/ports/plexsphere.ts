/**
 * The records of Plexsphere, without secret payloads: clouds, cloud credentials, API tokens, relation tuples, outbox.
 *
 * Duties of every implementer:
 * - a method is atomic, and durable once acknowledged, even after kill -9 of server and database;
 * - a change writes its row, its events and its audit lines in one transaction;
 * - errors contain no secrets; payloads and key-values are never passed to this port;
 * - every method may throw CredError `unavailable` (no database, or the deadline passed). Then it is unknown whether a
 *   change was committed.
 *
 * Ids are lower-case UUIDs; times have milliseconds.
 */
import type { AuditEvent } from './audit.ts';
import type { Sealed } from './vault.ts';

export const CLOUD_PROVIDERS = ['aws', 'azure'] as const;
export type CloudProvider = (typeof CLOUD_PROVIDERS)[number];

export interface CloudRow {
  readonly id: string;
  readonly slug: string;
  readonly displayName: string;
  readonly provider: CloudProvider;
  /** JSON objects as text, unchanged except for white space. */
  readonly endpoint: string;
  readonly regionDefaults: string;
  readonly externalId: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface CloudCredentialRow {
  readonly id: string;
  readonly cloudId: string;
  /** Order of creation, assigned by the database and used only for pagination. */
  readonly seq: number;
  readonly displayName: string;
  readonly version: number;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  /** When the sweeper marked it as expired. */
  readonly expiredAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const OUTBOX_EVENTS = [
  'CloudCreated',
  'CloudCredentialIssued',
  'CloudCredentialRevoked',
  'CloudCredentialExpired',
  'RelationTupleCreated',
  'RelationTupleDeleted',
] as const;

/** A state change with at-least-once delivery; consumers de-duplicate by `id`. It never contains a secret. */
export interface OutboxEvent {
  readonly id: string;
  readonly type: (typeof OUTBOX_EVENTS)[number];
  readonly occurredAt: Date;
  readonly actor: string;
  readonly correlationId: string;
  readonly payload: Readonly<Record<string, string | number>>;
}

/** An object of the relation graph. */
export interface ObjectRef {
  readonly type: string;
  readonly id: string;
}

/**
 * A subject: an object (`relation` undefined), or a userset of all subjects with `relation` to it (`group:x#member`).
 */
export interface SubjectRef extends ObjectRef {
  readonly relation?: string | undefined;
}

export interface RelationTuple {
  readonly resource: ObjectRef;
  readonly relation: string;
  readonly subject: SubjectRef;
}

export interface StoredTuple extends RelationTuple {
  readonly id: string;
  readonly createdAt: Date;
}

export interface ApiTokenRow {
  readonly id: string;
  /** `user:<uuid>` or `service:<uuid>`. */
  readonly owner: string;
  readonly envPrefix: string;
  /** SHA-256 of the whole plaintext. */
  readonly hash: Uint8Array;
  readonly ttlSeconds: number;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
  readonly rotatedAt: Date | null;
  /** The hash before the last rotation, valid until `previousUntil`. */
  readonly previousHash: Uint8Array | null;
  readonly previousUntil: Date | null;
}

export interface Page {
  /** 1 to 200. */
  readonly limit: number;
}

export interface CloudRecords {
  /**
   * Writes the cloud, its tuples, the event and the audit line. Reports a conflict as an outcome, never as an
   * exception, also in a race. The slug is checked first.
   */
  createCloud(request: {
    readonly cloud: CloudRow;
    readonly tuples: readonly StoredTuple[];
    readonly event: OutboxEvent;
    readonly audit: AuditEvent;
  }): Promise<'created' | 'slug_conflict' | 'external_id_conflict'>;
  cloud(id: string): Promise<CloudRow | undefined>;
  /** Lists clouds by slug in byte order, starting after the slug `after`. */
  listClouds(page: Page & { readonly after?: string | undefined }): Promise<CloudRow[]>;
}

/** A revoked or expired credential whose secret the vault can still open. */
export interface PendingVaultRevocation {
  readonly id: string;
  readonly cloudId: string;
  readonly sealed: Sealed;
}

export interface CloudCredentialRecords {
  /**
   * Writes row, event and audit line and deletes the intent.
   * @throws CredError `internal` if the intent no longer exists (the sweeper destroyed the path), or the cloud does not
   */
  insertCloudCredential(request: {
    readonly row: Omit<CloudCredentialRow, 'seq'>;
    readonly sealed: Sealed;
    readonly intent: string | undefined;
    readonly event: OutboxEvent;
    readonly audit: AuditEvent;
  }): Promise<CloudCredentialRow>;
  cloudCredential(id: string): Promise<CloudCredentialRow | undefined>;
  /** Lists credentials by creation, starting after the row `after`. */
  listCloudCredentials(
    page: Page & { readonly cloudId: string; readonly after?: number | undefined },
  ): Promise<CloudCredentialRow[]>;
  /**
   * Sets `revokedAt` and `updatedAt` and writes event and audit line. A row that is revoked already is returned
   * unchanged, and nothing is written. undefined: no such credential.
   */
  revokeCloudCredential(request: {
    readonly id: string;
    readonly at: Date;
    readonly event: (row: CloudCredentialRow) => OutboxEvent;
    readonly audit: (row: CloudCredentialRow) => AuditEvent;
  }): Promise<{ readonly row: CloudCredentialRow; readonly changed: boolean } | undefined>;
  /**
   * Lists rows that expired by `at` and are neither revoked nor marked, by creation, starting after the row `after`.
   */
  dueCloudCredentials(query: {
    readonly at: Date;
    readonly limit: number;
    readonly after: number;
  }): Promise<{ readonly id: string; readonly seq: number }[]>;
  /**
   * Sets `expiredAt` of such a row, with event and audit line in the same transaction. Resolves to undefined if the row
   * is no longer due, for example after the sweep of another server.
   */
  expireCloudCredential(request: {
    readonly id: string;
    readonly at: Date;
    readonly event: (row: CloudCredentialRow) => OutboxEvent;
    readonly audit: (row: CloudCredentialRow) => AuditEvent;
  }): Promise<CloudCredentialRow | undefined>;
  /** Lists revoked or expired rows whose secret is not yet revoked in the vault, oldest first; `id`: only that row. */
  pendingVaultRevocations(query: {
    readonly limit: number;
    readonly id?: string | undefined;
  }): Promise<PendingVaultRevocation[]>;
  /**
   * Claims the same rows for a sweep. No server can claim the same row again until a back-off has passed, which starts
   * at some minutes and grows with each attempt.
   */
  claimVaultRevocations(query: { readonly limit: number; readonly at: Date }): Promise<PendingVaultRevocation[]>;
  /**
   * Records that the vault has revoked the secret of `pending`. `false`: it was recorded before, or a key rotation has
   * replaced the sealed value, whose secret is still valid.
   */
  vaultRevoked(pending: PendingVaultRevocation, at: Date): Promise<boolean>;
}

export interface ApiTokenRecords {
  createToken(token: ApiTokenRow, audit: AuditEvent): Promise<void>;
  token(id: string): Promise<ApiTokenRow | undefined>;
  /** Lists tokens that have not expired, oldest first. */
  listTokens(query: { readonly owner: string; readonly now: Date }): Promise<ApiTokenRow[]>;
  /** `false`: no such token of this owner. */
  deleteToken(request: { readonly id: string; readonly owner: string; readonly audit: AuditEvent }): Promise<boolean>;
  /** Deletes every token of an owner. Resolves to their number. */
  deleteTokensOf(owner: string): Promise<number>;
  /**
   * Replaces the hash; the old one becomes `previousHash`, valid until `previousUntil`. undefined: the owner has no
   * such token, or it has expired at `at`.
   */
  rotateToken(request: {
    readonly id: string;
    readonly owner: string;
    readonly hash: Uint8Array;
    readonly at: Date;
    readonly previousUntil: Date;
    readonly audit: AuditEvent;
  }): Promise<ApiTokenRow | undefined>;
  tokenUsed(id: string, at: Date): Promise<void>;
  /** Deletes tokens that expired before `before`. */
  purgeTokens(before: Date): Promise<void>;
}

/** Selects the tuples that a check needs; see {@link RelationTupleRecords.neighbourhood}. */
export interface NeighbourhoodQuery {
  readonly subject: SubjectRef;
  readonly resources: readonly ObjectRef[];
  /** Relations to another object whose permissions are inherited (`cloud#platform`), as `[type, relation]`. */
  readonly links: readonly (readonly [string, string])[];
}

export interface RelationTupleRecords {
  /**
   * Reads in one statement: (1) the memberships of the subject, direct and through groups; (2) the link tuples from
   * each resource upwards; (3) the tuples on those objects for the subject or one of its groups. Cycles are allowed.
   */
  neighbourhood(query: NeighbourhoodQuery): Promise<RelationTuple[]>;
  /** Adds a tuple. `false`: it exists already, and nothing is written. */
  addTuple(request: {
    readonly tuple: StoredTuple;
    readonly event: OutboxEvent;
    readonly audit: AuditEvent;
  }): Promise<boolean>;
  /** Removes a tuple. `false`: it does not exist. */
  removeTuple(request: {
    readonly tuple: RelationTuple;
    readonly event: OutboxEvent;
    readonly audit: AuditEvent;
  }): Promise<boolean>;
  /** Lists the tuples that match every given field, oldest first. */
  listTuples(filter: {
    readonly resource?: ObjectRef | undefined;
    readonly subject?: ObjectRef | undefined;
  }): Promise<StoredTuple[]>;
}

export interface PlexsphereRecords extends CloudRecords, CloudCredentialRecords, ApiTokenRecords, RelationTupleRecords {
  /** Writes an audit line and resolves when it is durable. For denials, which must be audited before the response. */
  auditNow(event: AuditEvent): Promise<void>;
  /**
   * Lists events with a number above `after`, in order. Numbers are assigned before commit, so a lower number can
   * become visible after a higher one. Readers must re-read a window as long as a transaction.
   */
  outbox(query: {
    readonly after: number;
    readonly limit: number;
  }): Promise<(OutboxEvent & { readonly seq: number })[]>;
}
