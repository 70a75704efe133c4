/** {@link CloudCredentialRecords} on PostgreSQL. */
import { type CloudCredentialRecords, CredError, type PendingVaultRevocation } from '@credplex/core';
import { and, asc, eq, gt, isNull, lte, sql } from 'drizzle-orm';
import { writeAudit } from '../audit/audit-event.ts';
import type { Database } from '../postgres/database.ts';
import { nameOf, type RowOf, select } from '../postgres/fragments.ts';
import { nextAttempt } from '../postgres/next-attempt.ts';
import { defineSharedRead } from '../postgres/shared-read.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { cloudCredential } from '../schema/index.ts';
import { consumeIntents } from '../vault/intents.ts';
import { toSealed } from '../vault/sealed-row.ts';
import { insertEvent } from './outbox-events.ts';

const t = cloudCredential;
const columns = {
  id: t.id,
  seq: t.seq,
  cloudId: t.cloudId,
  displayName: t.displayName,
  version: t.version,
  expiresAt: t.expiresAt,
  revokedAt: t.revokedAt,
  expiredAt: t.expiredAt,
  createdAt: t.createdAt,
  updatedAt: t.updatedAt,
};
type Row = RowOf<typeof columns>;

const BY_ID = defineSharedRead(
  (p: Parameters<{ id: string }>) => sql<Row>`select ${select(columns)} from ${t} where ${t.id} = ${p.id}`,
  { types: { id: 'uuid' } },
);
const PAGE = defineStatement(
  (p: Parameters<{ cloudId: string; after: number; limit: number }>) => sql<Row>`
    select ${select(columns)} from ${t} where ${t.cloudId} = ${p.cloudId} and ${t.seq} > ${p.after}
    order by ${t.seq} limit ${p.limit}`,
);

const pendingColumns = { id: t.id, cloudId: t.cloudId, keyId: t.sealedKeyId, format: t.sealedFormat, sealed: t.sealed };
type PendingRow = RowOf<typeof pendingColumns>;

/** Revoked or expired, but not yet revoked in the vault. Must match the condition of the index `cloud_credential_pending`. */
const isPending = sql`(${t.revokedAt} is not null or ${t.expiredAt} is not null) and ${t.vaultRevokedAt} is null`;
const neitherRevokedNorExpired = and(isNull(t.revokedAt), isNull(t.expiredAt));

const PENDING_BY_ID = defineStatement(
  (p: Parameters<{ id: string }>) => sql<PendingRow>`
    select ${select(pendingColumns)} from ${t} where ${isPending} and ${t.id} = ${p.id}`,
);
const CLAIM_PENDING = defineStatement(
  (p: Parameters<{ at: Date; limit: number }>) => sql<PendingRow>`
    update ${t} set ${nameOf(t.vaultAttempts)} = ${t.vaultAttempts} + 1,
      ${nameOf(t.vaultNextAttemptAt)} = ${nextAttempt(sql`${p.at}::timestamptz`, sql`${t.vaultAttempts}`)}
    where ${t.id} in (
      select ${t.id} from ${t} where ${isPending} and ${t.vaultNextAttemptAt} <= ${p.at}::timestamptz
      order by ${t.seq} limit ${p.limit} for update skip locked)
    returning ${select(pendingColumns)}`,
);

function toPending(row: PendingRow): PendingVaultRevocation {
  return {
    id: row.id,
    cloudId: row.cloudId,
    sealed: toSealed(row),
  };
}

export function credentialRecords(db: Database): CloudCredentialRecords {
  return {
    insertCloudCredential: ({ row, sealed, intent, event, audit: line }) =>
      db.transaction(async (tx) => {
        if (intent !== undefined && !(await consumeIntents(tx, [intent])))
          throw new CredError('internal', {}, { cause: new Error('the intent of this write is gone') });
        const { id, cloudId, displayName, version, expiresAt, createdAt, updatedAt } = row;
        const secret = { sealedKeyId: sealed.keyId, sealedFormat: sealed.format, sealed: sealed.bytes };
        const [created] = await tx.queries
          .insert(t)
          .values({ id, cloudId, displayName, version, ...secret, expiresAt, createdAt, updatedAt })
          .returning(columns);
        if (created === undefined) throw new CredError('internal');
        await insertEvent(tx, event);
        await writeAudit(tx, [line]);
        return created;
      }),

    cloudCredential: async (id) => (await db.read(BY_ID, { id }))[0],
    listCloudCredentials: ({ cloudId, limit, after = 0 }) => db.read(PAGE, { cloudId, after, limit }),

    revokeCloudCredential: ({ id, at, event, audit: line }) =>
      db.transaction(async (tx) => {
        const [row] = await tx.queries
          .update(t)
          .set({ revokedAt: at, updatedAt: at })
          .where(and(eq(t.id, id), isNull(t.revokedAt)))
          .returning(columns);
        if (row === undefined) {
          const [unchanged] = await tx.queries.select(columns).from(t).where(eq(t.id, id));
          return unchanged && { row: unchanged, changed: false };
        }
        await insertEvent(tx, event(row));
        await writeAudit(tx, [line(row)]);
        return { row, changed: true };
      }),

    dueCloudCredentials: ({ at, limit, after }) =>
      db.slowQuery((queries) =>
        queries
          .select({ id: t.id, seq: t.seq })
          .from(t)
          .where(and(lte(t.expiresAt, at), neitherRevokedNorExpired, gt(t.seq, after)))
          .orderBy(asc(t.seq))
          .limit(limit),
      ),

    expireCloudCredential: ({ id, at, event, audit: line }) =>
      db.transaction(async (tx) => {
        const [row] = await tx.queries
          .update(t)
          .set({ expiredAt: at, updatedAt: at })
          .where(and(eq(t.id, id), lte(t.expiresAt, at), neitherRevokedNorExpired))
          .returning(columns);
        if (row === undefined) return undefined;
        await insertEvent(tx, event(row));
        await writeAudit(tx, [line(row)]);
        return row;
      }),

    pendingVaultRevocations: async ({ limit, id }) => {
      if (id !== undefined) return (await db.read(PENDING_BY_ID, { id })).map(toPending);
      const rows = await db.slowQuery((queries) =>
        queries.select(pendingColumns).from(t).where(isPending).orderBy(asc(t.seq)).limit(limit),
      );
      return rows.map(toPending);
    },

    claimVaultRevocations: async (query) => (await db.write(CLAIM_PENDING, query)).map(toPending),

    vaultRevoked: async ({ id, sealed }, at) => {
      const isAsRead = and(eq(t.sealedKeyId, sealed.keyId), eq(t.sealed, sealed.bytes));
      const noted = await db.slowQuery((queries) =>
        queries
          .update(t)
          .set({ vaultRevokedAt: at })
          .where(and(eq(t.id, id), isNull(t.vaultRevokedAt), isAsRead))
          .returning({ id: t.id }),
      );
      return noted.length > 0;
    },
  };
}
