/** CredHub's names, versions and permissions. */
import { isNotNull, sql } from 'drizzle-orm';
import { boolean, index, pgTable, smallint, text, unique, uuid } from 'drizzle-orm/pg-core';
import { bytea, byteOrderedText, counter, time } from './columns.ts';

/** One row per name; a write locks it to lock the name. The migration sets a fillfactor of 85, which drizzle cannot express. */
export const credential = pgTable(
  'credential',
  {
    id: uuid('id').primaryKey(),
    name: byteOrderedText('name').notNull(),
    nameLower: byteOrderedText('name_lower').notNull(),
    type: text('type').notNull(),
    seq: counter('seq').notNull(),
    activeId: uuid('active_id'),
    transitionalId: uuid('transitional_id'),
    listedAt: time('listed_at'),
  },
  (t) => [unique('credential_name_lower_key').on(t.nameLower)],
);

export const credentialVersion = pgTable(
  'credential_version',
  {
    id: uuid('id').primaryKey(),
    credentialId: uuid('credential_id').notNull(),
    seq: counter('seq').notNull(),
    createdAt: time('created_at').notNull(),
    metadata: text('metadata'),
    parameters: text('parameters'),
    username: text('username'),
    publicKey: text('public_key'),
    certificate: text('certificate'),
    /** The CA that signed, where `caIsSigner`; else up to two CAs of an earlier release. */
    ca: text('ca'),
    caName: byteOrderedText('ca_name'),
    expiresAt: time('expires_at'),
    certificateAuthority: boolean('certificate_authority'),
    selfSigned: boolean('self_signed'),
    generated: boolean('generated'),
    transitional: boolean('transitional').notNull().default(false),
    keyId: text('key_id').notNull(),
    format: smallint('format').notNull(),
    sealed: bytea('sealed').notNull(),
    trustedCa: text('trusted_ca'),
    caIsSigner: boolean('ca_is_signer').notNull().default(false),
  },
  (t) => [
    unique('credential_version_credential_id_seq_key').on(t.credentialId, t.seq),
    index('credential_version_ca_name').on(sql`lower(${t.caName})`).where(isNotNull(t.caName)),
    index('credential_version_unsplit_ca').on(t.id).where(sql`${t.ca} is not null and not ${t.caIsSigner}`),
  ],
);

export const permission = pgTable(
  'permission',
  {
    id: uuid('id').primaryKey(),
    ordinal: counter('ordinal').generatedAlwaysAsIdentity(),
    path: byteOrderedText('path').notNull(),
    actor: byteOrderedText('actor').notNull(),
    /** Bits: 1 read, 2 write, 4 delete, 8 read_acl, 16 write_acl. */
    operations: smallint('operations').notNull(),
  },
  (t) => [unique('permission_actor_path_key').on(t.actor, t.path), index('permission_path').on(sql`lower(${t.path})`)],
);
