/** Accounts of the built-in issuer, and the login state that replicas share. */
import type { Revocation } from '@credplex/core';
import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { bytea, time } from './columns.ts';

export const accountUser = pgTable(
  'account_user',
  {
    id: uuid('id').primaryKey(),
    name: text('name').notNull(),
    /** `sha256:…` for generated secrets, an argon2id PHC string for chosen ones. */
    verifier: text('verifier').notNull(),
    /** Words separated by one space, as in OAuth (RFC 6749, section 3.3). */
    scopes: text('scopes').notNull(),
    createdAt: time('created_at').notNull(),
  },
  (t) => [
    unique('account_user_name_key').on(t.name),
    check('account_user_name_check', sql`char_length(${t.name}) between 1 and 255`),
  ],
);

export const accountClient = pgTable(
  'account_client',
  {
    id: text('id').primaryKey(),
    verifier: text('verifier').notNull(),
    grantTypes: text('grant_types').notNull(),
    scopes: text('scopes').notNull(),
    createdAt: time('created_at').notNull(),
  },
  (t) => [check('account_client_id_check', sql`char_length(${t.id}) between 1 and 255`)],
);

/** One row per login. Locking it serialises the refreshes of one login. */
export const refreshFamily = pgTable(
  'refresh_family',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id').notNull(),
    clientId: text('client_id').notNull(),
    scopes: text('scopes').notNull(),
    createdAt: time('created_at').notNull(),
  },
  (t) => [
    foreignKey({ name: 'refresh_family_user_id_fkey', columns: [t.userId], foreignColumns: [accountUser.id] }).onDelete(
      'cascade',
    ),
    foreignKey({
      name: 'refresh_family_client_id_fkey',
      columns: [t.clientId],
      foreignColumns: [accountClient.id],
    }).onDelete('cascade'),
    index('refresh_family_user').on(t.userId),
    index('refresh_family_client').on(t.clientId),
  ],
);

export const refreshToken = pgTable(
  'refresh_token',
  {
    hash: bytea('hash').primaryKey(),
    family: uuid('family').notNull(),
    parent: bytea('parent'),
    createdAt: time('created_at').notNull(),
    expiresAt: time('expires_at').notNull(),
    usedAt: time('used_at'),
    /** A sibling has replaced it, so presenting it is reuse. */
    superseded: boolean('superseded').notNull().default(false),
  },
  (t) => [
    foreignKey({ name: 'refresh_token_family_fkey', columns: [t.family], foreignColumns: [refreshFamily.id] }).onDelete(
      'cascade',
    ),
    index('refresh_token_family').on(t.family, t.parent),
    index('refresh_token_expires').on(t.expiresAt),
  ],
);

export const tokenRevocation = pgTable(
  'token_revocation',
  {
    kind: text('kind').$type<Revocation['kind']>().notNull(),
    subject: text('subject').notNull(),
    before: time('before').notNull(),
    expiresAt: time('expires_at').notNull(),
  },
  (t) => [
    primaryKey({ name: 'token_revocation_pkey', columns: [t.kind, t.subject] }),
    check('token_revocation_kind_check', sql`${t.kind} in ('jti', 'user', 'client', 'session')`),
  ],
);

export const loginThrottle = pgTable('login_throttle', {
  key: text('key').primaryKey(),
  failures: integer('failures').notNull(),
  lastFailureAt: time('last_failure_at').notNull(),
  blockedUntil: time('blocked_until').notNull(),
});

/** One row once the first operator exists, so that of servers that start at the same time exactly one creates it. */
export const firstOperator = pgTable(
  'first_operator',
  {
    isOnly: boolean('is_only').primaryKey().default(true),
    userId: uuid('user_id').notNull(),
    createdAt: time('created_at').notNull(),
  },
  (t) => [check('first_operator_is_only_check', sql`${t.isOnly}`)],
);
