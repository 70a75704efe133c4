/**
 * Clouds, cloud credentials, API tokens, relation tuples and the outbox: everything of Plexsphere that is not secret
 * bytes.
 *
 * Duties of every implementer:
 * - a method is all-or-nothing, and what it acknowledged survives kill -9 of server and database;
 * - a change writes its row, its events and its audit lines in one transaction;
 * - nothing secret in an error: payloads and key-values never come here at all;
 * - every method may throw CredError `unavailable` (database away, or the deadline passed). After `unavailable` from a
 * change
 *   nobody knows whether it happened.
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
  /** JSON objects as text, kept as they came apart from blanks. */
  readonly endpoint: string;
  readonly regionDefaults: string;
  readonly externalId: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface CloudCredentialRow {
  readonly id: string;
  readonly cloudId: string;
  /** Order of creation, given by the database. Only for pages. */
  readonly seq: number;
  readonly displayName: string;
  readonly version: number;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  /** When the sweeper saw that it had expired. */
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

/**
 * One state change, told at least once; a consumer de-duplicates by `id`. Holds ids, versions and reasons, never a
 * secret.
 */
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

/** A subject: an object (`relation` undefined), or everybody who has `relation` to it (`group:x#member`). */
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
  /** The hash before the last rotation, good until `previousUntil`. */
  readonly previousHash: Uint8Array | null;
  readonly previousUntil: Date | null;
}

export interface Page {
  /** 1 to 200. */
  readonly limit: number;
}

export interface CloudRecords {
  /**
   * Writes the cloud, its tuples, the event and the audit line. A conflict is told by an outcome, never by an
   * exception, also for a race; the slug is looked at first.
   */
  createCloud(request: {
    readonly cloud: CloudRow;
    readonly tuples: readonly StoredTuple[];
    readonly event: OutboxEvent;
    readonly audit: AuditEvent;
  }): Promise<'created' | 'slug_conflict' | 'external_id_conflict'>;
  cloud(id: string): Promise<CloudRow | undefined>;
  /** By slug, in the order of its bytes; from the first slug greater than `after`. */
  listClouds(page: Page & { readonly after?: string | undefined }): Promise<CloudRow[]>;
}

/** A revoked or expired credential whose secret the vault may still give out. */
export interface PendingVaultRevocation {
  readonly id: string;
  readonly cloudId: string;
  readonly sealed: Sealed;
}

export interface CloudCredentialRecords {
  /**
   * Writes row, event and audit line and deletes the intent.
   * @throws CredError `internal` when the intent is gone already (the sweeper took the path), or the cloud is
   */
  insertCloudCredential(request: {
    readonly row: Omit<CloudCredentialRow, 'seq'>;
    readonly sealed: Sealed;
    readonly intent: string | undefined;
    readonly event: OutboxEvent;
    readonly audit: AuditEvent;
  }): Promise<CloudCredentialRow>;
  cloudCredential(id: string): Promise<CloudCredentialRow | undefined>;
  /** By creation; from the first row after `after`. */
  listCloudCredentials(
    page: Page & { readonly cloudId: string; readonly after?: number | undefined },
  ): Promise<CloudCredentialRow[]>;
  /**
   * Stamps `revokedAt` and `updatedAt` and writes event and audit line, once: a row that is revoked already comes back
   * unchanged and nothing is written. undefined: no such credential.
   */
  revokeCloudCredential(request: {
    readonly id: string;
    readonly at: Date;
    readonly event: (row: CloudCredentialRow) => OutboxEvent;
    readonly audit: (row: CloudCredentialRow) => AuditEvent;
  }): Promise<{ readonly row: CloudCredentialRow; readonly changed: boolean } | undefined>;
  /**
   * Rows that expired at or before `at`, are not revoked and have no stamp; by creation, from the first after `after`.
   */
  dueCloudCredentials(query: {
    readonly at: Date;
    readonly limit: number;
    readonly after: number;
  }): Promise<{ readonly id: string; readonly seq: number }[]>;
  /**
   * Stamps `expiredAt` on such a row, with its event and audit line in the same transaction. Resolves to undefined when
   * the row is none any more, as after another server's sweep.
   */
  expireCloudCredential(request: {
    readonly id: string;
    readonly at: Date;
    readonly event: (row: CloudCredentialRow) => OutboxEvent;
    readonly audit: (row: CloudCredentialRow) => AuditEvent;
  }): Promise<CloudCredentialRow | undefined>;
  /** Revoked or expired rows whose secret has not been put out of use yet, oldest first; `id`: only that one. */
  pendingVaultRevocations(query: {
    readonly limit: number;
    readonly id?: string | undefined;
  }): Promise<PendingVaultRevocation[]>;
  /**
   * The same rows for a sweep: each one claimed is not claimed again, by any server, until some minutes after `at` and
   * ever longer with each attempt.
   */
  claimVaultRevocations(query: { readonly limit: number; readonly at: Date }): Promise<PendingVaultRevocation[]>;
  /**
   * The vault has put the secret of `pending` out of use. `false`: nothing was noted, because that was noted before, or
   * because the row names another sealed value by now, which a key rotation made and which is still good.
   */
  vaultRevoked(pending: PendingVaultRevocation, at: Date): Promise<boolean>;
}

export interface ApiTokenRecords {
  createToken(token: ApiTokenRow, audit: AuditEvent): Promise<void>;
  token(id: string): Promise<ApiTokenRow | undefined>;
  /** Not expired, oldest first. */
  listTokens(query: { readonly owner: string; readonly now: Date }): Promise<ApiTokenRow[]>;
  /** `false`: no such token of this owner. */
  deleteToken(request: { readonly id: string; readonly owner: string; readonly audit: AuditEvent }): Promise<boolean>;
  /** Every token of an owner that is gone. */
  deleteTokensOf(owner: string): Promise<number>;
  /**
   * The hash moves to `previousHash`, good until `previousUntil`. undefined: no such token of this owner, or expired at
   * `at`.
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

/** What of the graph can matter to a question; see {@link RelationTupleRecords.neighbourhood}. */
export interface NeighbourhoodQuery {
  readonly subject: SubjectRef;
  readonly resources: readonly ObjectRef[];
  /**
   * Relations that lead from an object to another one whose permissions count (`cloud#platform`), as `[type,
   * relation]`.
   */
  readonly links: readonly (readonly [string, string])[];
}

export interface RelationTupleRecords {
  /**
   * One statement: (1) the memberships that lead from the subject to every group it is in, directly or through groups;
   * (2) the link tuples from each resource upwards; (3) tuples on those objects whose subject is the subject or one of
   * those groups' members. Cycles end.
   */
  neighbourhood(query: NeighbourhoodQuery): Promise<RelationTuple[]>;
  /** `false`: it is there already (then nothing is written). */
  addTuple(request: {
    readonly tuple: StoredTuple;
    readonly event: OutboxEvent;
    readonly audit: AuditEvent;
  }): Promise<boolean>;
  /** `false`: there was none. */
  removeTuple(request: {
    readonly tuple: RelationTuple;
    readonly event: OutboxEvent;
    readonly audit: AuditEvent;
  }): Promise<boolean>;
  /** Oldest first, those that match all that is given. */
  listTuples(filter: {
    readonly resource?: ObjectRef | undefined;
    readonly subject?: ObjectRef | undefined;
  }): Promise<StoredTuple[]>;
}

export interface PlexsphereRecords extends CloudRecords, CloudCredentialRecords, ApiTokenRecords, RelationTupleRecords {
  /**
   * Writes one audit line now: resolves when it is durable. For denials, which are written before they are answered.
   */
  auditNow(event: AuditEvent): Promise<void>;
  /**
   * Events numbered after `after`, in order. Numbers are given when a change begins to write, so one may show up after
   * a higher one: a reader looks back over the length of a transaction.
   */
  outbox(query: {
    readonly after: number;
    readonly limit: number;
  }): Promise<(OutboxEvent & { readonly seq: number })[]>;
}
