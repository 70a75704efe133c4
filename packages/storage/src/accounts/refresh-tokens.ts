/** Refresh tokens: one family per login, a tree of tokens below it. The rules stand at {@link AccountRecords.rotateRefresh}. */
import type { AccountRecords, LoginBasis, Revocation, RotateResult } from '@credplex/core';
import type { Database } from '../postgres/database.ts';
import { storeRevocation } from './token-revocations.ts';

type RefreshMethods = Pick<AccountRecords, 'isUnchanged' | 'startRefresh' | 'rotateRefresh'>;

interface Family {
  readonly id: string;
  readonly userId: string;
  readonly scopes: string;
}
interface Token {
  readonly superseded: boolean;
  readonly expiresAt: Date;
  /** A successor of it was used, or another successor of its parent was: somebody else went on from the same token. */
  readonly overtaken: boolean;
}

export const refreshTokens = (database: Database): RefreshMethods => ({
  isUnchanged: async (basis) => (await database.write(`${BASIS} select from basis`, basisValues(basis))).length > 0,

  startRefresh: async ({ family, userId, clientId, scopes }, { hash, expiresAt }, now, basis) => {
    const stored = await database.write(
      `${BASIS}, made as (
         insert into refresh_family (id, user_id, client_id, scopes, created_at)
         select $6::uuid, $7::uuid, $8::text, $9::text, $10::timestamptz from basis returning id)
       insert into refresh_token (hash, family, created_at, expires_at)
       select $11::bytea, id, $10::timestamptz, $12::timestamptz from made returning family`,
      [...basisValues(basis), family, userId, clientId, scopes.join(' '), now, hash, expiresAt],
    );
    return stored.length > 0;
  },

  rotateRefresh: ({ hash, next, now, graceSeconds, clientId, revocationExpiresAt }) =>
    database.transaction(async (tx): Promise<RotateResult> => {
      const [family] = await tx.run<Family>(
        `select f.id, f.user_id as "userId", f.scopes
         from refresh_family f join refresh_token t on t.family = f.id
         where t.hash = $1 and f.client_id = $2 for update of f`,
        [hash, clientId],
      );
      if (family === undefined) return { outcome: 'unknown' };
      // Read after the lock: a refresh of the same login that held it may have used or superseded this token.
      const [token] = await tx.run<Token>(
        `select t.superseded, t.expires_at as "expiresAt",
                exists (select from refresh_token o where o.family = $2 and o.hash <> $1 and o.used_at is not null
                          and (o.parent = $1 or o.parent = t.parent)) as overtaken
         from refresh_token t where t.hash = $1 and t.family = $2`,
        [hash, family.id],
      );
      if (token === undefined) return { outcome: 'unknown' };
      if (token.superseded || token.overtaken) {
        const revocation: Revocation = {
          kind: 'session',
          subject: family.id,
          before: now,
          expiresAt: revocationExpiresAt,
        };
        await storeRevocation(tx, revocation);
        return { outcome: 'reused', revocation };
      }
      if (token.expiresAt <= now) return { outcome: 'expired' };
      await tx.run('update refresh_token set used_at = coalesce(used_at, $2) where hash = $1', [hash, now]);
      await tx.run('update refresh_token set superseded = true where family = $1 and parent = $2 and created_at < $3', [
        family.id,
        hash,
        new Date(now.getTime() - graceSeconds * 1000),
      ]);
      await tx.run(
        'insert into refresh_token (hash, family, parent, created_at, expires_at) values ($1, $2, $3, $4, $5)',
        [next.hash, family.id, hash, now, next.expiresAt],
      );
      const { id, userId, scopes } = family;
      return { outcome: 'rotated', grant: { family: id, userId, clientId, scopes: scopes.split(' ') } };
    }),
});

/**
 * One row in `basis` if client, user and family are as they were read. The share locks wait for a transaction that changes
 * one of them, and let a later one wait, so that its revocation finds what this statement stores. Client, user, family: in
 * this order, as the changes of accounts take their locks.
 */
const BASIS = `with client as materialized (select from account_client where id = $1 and verifier = $2 for share),
  holder as materialized (select from account_user where id = $3::uuid and verifier = $4 for share),
  family as materialized (select from refresh_family where id = $5::uuid for share),
  basis as materialized (select from client
    where ($3::uuid is null or exists (select from holder)) and ($5::uuid is null or exists (select from family)))`;

const basisValues = ({ client, user, family }: LoginBasis) => [
  client.id,
  client.verifier,
  user?.id ?? null,
  user?.verifier ?? null,
  family ?? null,
];
