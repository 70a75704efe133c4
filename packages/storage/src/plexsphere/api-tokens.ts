/** {@link ApiTokenRecords} on PostgreSQL. */
import type { ApiTokenRecords } from '@credplex/core';
import { and, eq, getTableColumns, gt, lt, sql } from 'drizzle-orm';
import { writeAudit } from '../audit/audit-event.ts';
import type { Database } from '../postgres/database.ts';
import { nameOf, type RowOf, select } from '../postgres/fragments.ts';
import { defineSharedRead } from '../postgres/shared-read.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { apiToken } from '../schema/index.ts';

const columns = getTableColumns(apiToken);
type Row = RowOf<typeof columns>;

const BY_ID = defineSharedRead(
  (p: Parameters<{ id: string }>) =>
    sql<Row>`select ${select(columns)} from ${apiToken} where ${apiToken.id} = ${p.id}`,
  { types: { id: 'uuid' } },
);
const OF_OWNER = defineStatement(
  (p: Parameters<{ owner: string; now: Date }>) => sql<Row>`
    select ${select(columns)} from ${apiToken} where ${apiToken.owner} = ${p.owner} and ${apiToken.expiresAt} > ${p.now}
    order by ${apiToken.createdAt}, ${apiToken.id}`,
);
const NOTE_USE = defineStatement(
  (p: Parameters<{ id: string; at: Date }>) => sql`update ${apiToken}
    set ${nameOf(apiToken.lastUsedAt)} = greatest(${apiToken.lastUsedAt}, ${p.at}) where ${apiToken.id} = ${p.id}`,
);

function isOf(id: string, owner: string) {
  return and(eq(apiToken.id, id), eq(apiToken.owner, owner));
}

export function tokenRecords(db: Database): ApiTokenRecords {
  return {
    createToken: (token, line) =>
      db.transaction(async (tx) => {
        const { id, owner, envPrefix, hash, ttlSeconds, createdAt, expiresAt } = token;
        await tx.queries.insert(apiToken).values({ id, owner, envPrefix, hash, ttlSeconds, createdAt, expiresAt });
        await writeAudit(tx, [line]);
      }),
    token: async (id) => (await db.read(BY_ID, { id }))[0],
    listTokens: (query) => db.read(OF_OWNER, query),
    deleteToken: ({ id, owner, audit: line }) =>
      db.transaction(async (tx) => {
        const deleted = await tx.queries.delete(apiToken).where(isOf(id, owner)).returning({ id: apiToken.id });
        if (deleted.length > 0) await writeAudit(tx, [line]);
        return deleted.length > 0;
      }),
    deleteTokensOf: async (owner) => {
      const deleted = await db.slowQuery((queries) =>
        queries.delete(apiToken).where(eq(apiToken.owner, owner)).returning({ id: apiToken.id }),
      );
      return deleted.length;
    },
    rotateToken: ({ id, owner, hash, at, previousUntil, audit: line }) =>
      db.transaction(async (tx) => {
        const [row] = await tx.queries
          .update(apiToken)
          .set({
            previousHash: sql`${apiToken.hash}`,
            previousUntil,
            hash,
            rotatedAt: at,
            expiresAt: sql`${at.toISOString()}::timestamptz + ${apiToken.ttlSeconds} * interval '1 second'`,
          })
          .where(and(isOf(id, owner), gt(apiToken.expiresAt, at)))
          .returning();
        if (row !== undefined) await writeAudit(tx, [line]);
        return row;
      }),
    tokenUsed: async (id, at) => {
      await db.write(NOTE_USE, { id, at });
    },
    purgeTokens: async (before) => {
      await db.slowQuery((queries) => queries.delete(apiToken).where(lt(apiToken.expiresAt, before)));
    },
  };
}
