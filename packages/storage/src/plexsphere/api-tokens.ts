/** {@link ApiTokenRecords} on PostgreSQL. */
import type { ApiTokenRecords, ApiTokenRow } from '@credplex/core';
import { writeAudit } from '../audit/audit-event.ts';
import type { Database } from '../postgres/database.ts';

interface Row {
  id: string;
  owner: string;
  env_prefix: string;
  hash: Uint8Array;
  ttl_seconds: number;
  created_at: Date;
  expires_at: Date;
  last_used_at: Date | null;
  rotated_at: Date | null;
  previous_hash: Uint8Array | null;
  previous_until: Date | null;
}

export const tokenRecords = (db: Database): ApiTokenRecords => ({
  createToken: (token, line) =>
    db.transaction(async (tx) => {
      await tx.run(
        `insert into api_token (id, owner, env_prefix, hash, ttl_seconds, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [
          token.id,
          token.owner,
          token.envPrefix,
          Buffer.from(token.hash),
          token.ttlSeconds,
          token.createdAt,
          token.expiresAt,
        ],
      );
      await writeAudit(tx, [line]);
    }),
  token: async (id) => {
    const [row] = await db.read<Row>('select * from api_token where id = $1', [id]);
    return row && tokenRow(row);
  },
  listTokens: async ({ owner, now }) => {
    const rows = await db.read<Row>(
      'select * from api_token where owner = $1 and expires_at > $2 order by created_at, id',
      [owner, now],
    );
    return rows.map(tokenRow);
  },
  deleteToken: ({ id, owner, audit: line }) =>
    db.transaction(async (tx) => {
      const gone = await tx.run('delete from api_token where id = $1 and owner = $2 returning id', [id, owner]);
      if (gone.length > 0) await writeAudit(tx, [line]);
      return gone.length > 0;
    }),
  deleteTokensOf: async (owner) =>
    (await db.slowQuery('delete from api_token where owner = $1 returning id', [owner])).length,
  rotateToken: ({ id, owner, hash, at, previousUntil, audit: line }) =>
    db.transaction(async (tx) => {
      const [row] = await tx.run<Row>(
        `update api_token
         set previous_hash = hash, previous_until = $4, hash = $3, rotated_at = $5,
             expires_at = $5::timestamptz + ttl_seconds * interval '1 second'
         where id = $1 and owner = $2 and expires_at > $5
         returning *`,
        [id, owner, Buffer.from(hash), previousUntil, at],
      );
      if (row === undefined) return undefined;
      await writeAudit(tx, [line]);
      return tokenRow(row);
    }),
  tokenUsed: async (id, at) => {
    await db.write('update api_token set last_used_at = greatest(last_used_at, $2) where id = $1 returning id', [
      id,
      at,
    ]);
  },
  purgeTokens: async (before) => {
    await db.slowQuery('delete from api_token where expires_at < $1', [before]);
  },
});

const tokenRow = (row: Row): ApiTokenRow => ({
  id: row.id,
  owner: row.owner,
  envPrefix: row.env_prefix,
  hash: row.hash,
  ttlSeconds: row.ttl_seconds,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
  rotatedAt: row.rotated_at,
  previousHash: row.previous_hash,
  previousUntil: row.previous_until,
});
