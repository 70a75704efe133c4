/** Refresh tokens: one family per login, a tree of tokens below it. The rules stand at {@link AccountRecords.rotateRefresh}. */
import type { AccountRecords, RotateResult } from '@credplex/core';
import type { Sql } from 'postgres';

type RefreshMethods = Pick<AccountRecords, 'startRefresh' | 'rotateRefresh' | 'endRefresh'>;

export const refreshTokens = (sql: Sql): RefreshMethods => ({
  startRefresh: async ({ family, userId, clientId, scopes }, { hash, expiresAt }, now) => {
    await sql`
      with made as (
        insert into refresh_family (id, user_id, client_id, scopes, created_at)
        values (${family}, ${userId}, ${clientId}, ${scopes.join(' ')}, ${now})
        returning id)
      insert into refresh_token (hash, family, created_at, expires_at)
      select ${hash}, id, ${now}, ${expiresAt} from made`;
  },

  rotateRefresh: ({ hash, next, now, graceSeconds, clientId }) =>
    sql.begin(async (tx): Promise<RotateResult> => {
      const [family] = await tx`
        select f.* from refresh_family f join refresh_token t on t.family = f.id
        where t.hash = ${hash} and f.client_id = ${clientId}
        for update of f`;
      if (family === undefined) return { outcome: 'unknown' };
      // Read after the lock: a refresh of the same login that held it may have used or superseded this token.
      const [token] = await tx`
        select t.superseded, t.expires_at, t.used_at,
               exists (select from refresh_token c where c.parent = t.hash and c.used_at is not null) as passed
        from refresh_token t where t.hash = ${hash} and t.family = ${family.id}`;
      if (token === undefined) return { outcome: 'unknown' };
      if (token.superseded || token.passed) {
        await tx`delete from refresh_family where id = ${family.id}`;
        return { outcome: 'reused' };
      }
      if (token.expires_at <= now) return { outcome: 'expired' };
      await tx`update refresh_token set used_at = coalesce(used_at, ${now}) where hash = ${hash}`;
      const graceStart = new Date(now.getTime() - graceSeconds * 1000);
      await tx`update refresh_token set superseded = true where parent = ${hash} and created_at < ${graceStart}`;
      await tx`
        insert into refresh_token (hash, family, parent, created_at, expires_at)
        values (${next.hash}, ${family.id}, ${hash}, ${now}, ${next.expiresAt})`;
      const scopes = String(family.scopes).split(' ');
      const grant = { family: family.id, userId: family.user_id, clientId, scopes };
      return { outcome: 'rotated', grant };
    }),

  endRefresh: async (query) => {
    if ('family' in query) await sql`delete from refresh_family where id = ${query.family}`;
    else if ('userId' in query) await sql`delete from refresh_family where user_id = ${query.userId}`;
    else await sql`delete from refresh_family where client_id = ${query.clientId}`;
  },
});
