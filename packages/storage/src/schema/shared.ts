/** Encryption keys, secrets that all replicas share, and intents for a remote vault. */
import { sql } from 'drizzle-orm';
import { boolean, index, integer, pgTable, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, byteOrderedText, time } from './columns.ts';

export const keyCanary = pgTable('key_canary', {
  keyId: byteOrderedText('key_id').primaryKey(),
  name: byteOrderedText('name').notNull(),
  kdf: text('kdf').notNull(),
  salt: bytea('salt'),
  canary: bytea('canary').notNull(),
  createdAt: time('created_at').notNull().defaultNow(),
  retiredAt: time('retired_at'),
});

export const sharedSecret = pgTable('shared_secret', {
  name: byteOrderedText('name').primaryKey(),
  id: text('id').notNull(),
  keyId: text('key_id').notNull(),
  format: smallint('format').notNull(),
  sealed: bytea('sealed').notNull(),
  updatedAt: time('updated_at').notNull().defaultNow(),
});

/** A path of a remote vault that is about to be written, or that awaits destruction. */
export const intent = pgTable(
  'intent',
  {
    id: uuid('id').primaryKey(),
    path: text('path').notNull(),
    purpose: text('purpose').notNull(),
    ref: text('ref').notNull(),
    openedAt: time('opened_at').notNull().defaultNow(),
    sweeping: boolean('sweeping').notNull().default(false),
    /** Identifies the vault of the path; null in rows of earlier releases. */
    keyId: text('key_id'),
    attempts: integer('attempts').notNull().default(0),
    nextAttemptAt: time('next_attempt_at').notNull().default(sql`'-infinity'`),
  },
  (t) => [index('intent_opened_at').on(t.openedAt)],
);
