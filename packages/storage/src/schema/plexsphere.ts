/** Plexsphere: clouds, their credentials, API tokens, the relation graph, and the outbox. */
import type { CloudProvider, OutboxEvent } from '@credplex/core';
import { sql } from 'drizzle-orm';
import { foreignKey, index, integer, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { bytea, byteOrderedText, counter, time } from './columns.ts';

export const cloud = pgTable(
  'cloud',
  {
    id: uuid('id').primaryKey(),
    slug: byteOrderedText('slug').notNull(),
    displayName: text('display_name').notNull(),
    provider: text('provider').$type<CloudProvider>().notNull(),
    /** JSON objects as text. */
    endpoint: text('endpoint').notNull(),
    regionDefaults: text('region_defaults').notNull(),
    externalId: text('external_id').notNull(),
    /** SHA-256 of the external id, which may be longer than an index entry. */
    externalIdHash: bytea('external_id_hash').notNull(),
    createdAt: time('created_at').notNull(),
    updatedAt: time('updated_at').notNull(),
  },
  (t) => [unique('cloud_slug_key').on(t.slug), unique('cloud_external_id_key').on(t.provider, t.externalIdHash)],
);

export const cloudCredential = pgTable(
  'cloud_credential',
  {
    id: uuid('id').primaryKey(),
    /** Order of creation, for paging. */
    seq: counter('seq').notNull().generatedAlwaysAsIdentity(),
    cloudId: uuid('cloud_id').notNull(),
    displayName: text('display_name').notNull(),
    version: counter('version').notNull(),
    sealedKeyId: text('sealed_key_id').notNull(),
    sealedFormat: integer('sealed_format').notNull(),
    sealed: bytea('sealed').notNull(),
    expiresAt: time('expires_at').notNull(),
    revokedAt: time('revoked_at'),
    expiredAt: time('expired_at'),
    /** When the vault revoked the secret of a revoked or expired credential. */
    vaultRevokedAt: time('vault_revoked_at'),
    createdAt: time('created_at').notNull(),
    updatedAt: time('updated_at').notNull(),
    vaultAttempts: integer('vault_attempts').notNull().default(0),
    vaultNextAttemptAt: time('vault_next_attempt_at').notNull().default(sql`'-infinity'`),
  },
  (t) => [
    unique('cloud_credential_seq_key').on(t.seq),
    foreignKey({ name: 'cloud_credential_cloud_id_fkey', columns: [t.cloudId], foreignColumns: [cloud.id] }).onDelete(
      'restrict',
    ),
    index('cloud_credential_cloud').on(t.cloudId, t.seq),
    index('cloud_credential_expiring').on(t.expiresAt).where(sql`${t.revokedAt} is null and ${t.expiredAt} is null`),
    index('cloud_credential_pending')
      .on(t.seq)
      .where(sql`(${t.revokedAt} is not null or ${t.expiredAt} is not null) and ${t.vaultRevokedAt} is null`),
  ],
);

export const apiToken = pgTable(
  'api_token',
  {
    id: uuid('id').primaryKey(),
    /** `user:<uuid>` or `service:<uuid>`. */
    owner: text('owner').notNull(),
    envPrefix: text('env_prefix').notNull(),
    /** SHA-256 of the whole token. */
    hash: bytea('hash').notNull(),
    ttlSeconds: integer('ttl_seconds').notNull(),
    createdAt: time('created_at').notNull(),
    expiresAt: time('expires_at').notNull(),
    lastUsedAt: time('last_used_at'),
    rotatedAt: time('rotated_at'),
    previousHash: bytea('previous_hash'),
    previousUntil: time('previous_until'),
  },
  (t) => [index('api_token_owner').on(t.owner, t.createdAt), index('api_token_expires').on(t.expiresAt)],
);

export const relationTuple = pgTable(
  'relation_tuple',
  {
    id: uuid('id').primaryKey(),
    resourceType: text('resource_type').notNull(),
    resourceId: text('resource_id').notNull(),
    relation: text('relation').notNull(),
    subjectType: text('subject_type').notNull(),
    subjectId: text('subject_id').notNull(),
    /** Empty for the subject itself; otherwise the subject set of everybody with this relation to it. */
    subjectRelation: text('subject_relation').notNull(),
    createdAt: time('created_at').notNull(),
  },
  (t) => [
    // The generated name of PostgreSQL, truncated to 63 bytes.
    unique('relation_tuple_resource_type_resource_id_relation_subject_t_key').on(
      t.resourceType,
      t.resourceId,
      t.relation,
      t.subjectType,
      t.subjectId,
      t.subjectRelation,
    ),
    index('relation_tuple_subject').on(t.subjectType, t.subjectId, t.subjectRelation, t.resourceType),
  ],
);

export const outbox = pgTable(
  'outbox',
  {
    seq: counter('seq').primaryKey().generatedAlwaysAsIdentity(),
    id: uuid('id').notNull(),
    type: text('type').$type<OutboxEvent['type']>().notNull(),
    occurredAt: time('occurred_at').notNull(),
    actor: text('actor').notNull(),
    correlationId: text('correlation_id').notNull(),
    /** JSON text. */
    payload: text('payload').notNull(),
  },
  (t) => [unique('outbox_id_key').on(t.id), index('outbox_occurred_at').on(t.occurredAt)],
);
