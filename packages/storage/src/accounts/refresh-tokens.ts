/** Refresh tokens: one family per login, with a tree of tokens. {@link AccountRecords.rotateRefresh} documents the rules. */
import type { AccountRecords, Revocation } from '@credplex/core';
import { and, eq, lt, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Database, Transaction } from '../postgres/database.ts';
import { namesOf, type RowOf, select } from '../postgres/fragments.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { refreshFamily, refreshToken } from '../schema/index.ts';
import { type BasisValues, basisExpressions, basisValues } from './login-basis.ts';
import { storeRevocation } from './token-revocations.ts';

type RefreshMethods = Pick<AccountRecords, 'isUnchanged' | 'startRefresh' | 'rotateRefresh'>;

const f = alias(refreshFamily, 'f');
const t = alias(refreshToken, 't');
/** Another token of the family. */
const o = alias(refreshToken, 'o');

const IS_UNCHANGED = defineStatement(
  (p: Parameters<BasisValues>) => sql`with ${basisExpressions(p)} select from basis`,
);

interface NewLogin extends BasisValues {
  readonly family: string;
  readonly userId: string;
  readonly clientId: string;
  readonly scopes: string;
  readonly createdAt: Date;
  readonly hash: Uint8Array;
  readonly expiresAt: Date;
}

const START = defineStatement(
  (p: Parameters<NewLogin>) => sql`with ${basisExpressions(p)},
    started as (insert into ${refreshFamily} (${namesOf([f.id, f.userId, f.clientId, f.scopes, f.createdAt])})
      select ${p.family}::uuid, ${p.userId}::uuid, ${p.clientId}::text, ${p.scopes}::text, ${p.createdAt}::timestamptz
      from basis returning ${refreshFamily.id})
    insert into ${refreshToken} (${namesOf([t.hash, t.family, t.createdAt, t.expiresAt])})
    select ${p.hash}::bytea, id, ${p.createdAt}::timestamptz, ${p.expiresAt}::timestamptz from started
    returning ${refreshToken.family}`,
);

const familyColumns = { id: f.id, userId: f.userId, scopes: f.scopes };
const LOCK_FAMILY = defineStatement(
  (p: Parameters<{ hash: Uint8Array; clientId: string }>) => sql<RowOf<typeof familyColumns>>`
    select ${select(familyColumns)} from ${refreshFamily} ${f} join ${refreshToken} ${t} on ${t.family} = ${f.id}
    where ${t.hash} = ${p.hash} and ${f.clientId} = ${p.clientId} for update of f`,
);

const tokenColumns = { superseded: t.superseded, expiresAt: t.expiresAt };
/** `overtaken`: a successor of this token, or another successor of its parent, was used. */
type Token = RowOf<typeof tokenColumns> & { readonly overtaken: boolean };
const TOKEN = defineStatement(
  (p: Parameters<{ hash: Uint8Array; family: string }>) => sql<Token>`
    select ${select(tokenColumns)}, exists (select from ${refreshToken} ${o}
      where ${o.family} = ${p.family} and ${o.hash} <> ${p.hash} and ${o.usedAt} is not null
        and (${o.parent} = ${p.hash} or ${o.parent} = ${t.parent})) as overtaken
    from ${refreshToken} ${t} where ${t.hash} = ${p.hash} and ${t.family} = ${p.family}`,
);

type Rotation = globalThis.Parameters<RefreshMethods['rotateRefresh']>[0];

/** Marks the token as used and its older successors as superseded, and inserts the next token. */
async function addSuccessor(
  tx: Transaction,
  family: string,
  { hash, next, now, graceSeconds }: Rotation,
): Promise<void> {
  await tx.queries
    .update(refreshToken)
    .set({ usedAt: sql`coalesce(${refreshToken.usedAt}, ${now.toISOString()}::timestamptz)` })
    .where(eq(refreshToken.hash, hash));
  const graceStart = new Date(now.getTime() - graceSeconds * 1000);
  await tx.queries
    .update(refreshToken)
    .set({ superseded: true })
    .where(and(eq(refreshToken.family, family), eq(refreshToken.parent, hash), lt(refreshToken.createdAt, graceStart)));
  await tx.queries
    .insert(refreshToken)
    .values({ hash: next.hash, family, parent: hash, createdAt: now, expiresAt: next.expiresAt });
}

export function refreshTokens(database: Database): RefreshMethods {
  return {
    isUnchanged: async (basis) => (await database.write(IS_UNCHANGED, basisValues(basis))).length > 0,

    startRefresh: async ({ scopes, ...login }, token, createdAt, basis) => {
      const values = { ...basisValues(basis), ...login, ...token, scopes: scopes.join(' '), createdAt };
      return (await database.write(START, values)).length > 0;
    },

    rotateRefresh: (rotation) =>
      database.transaction(async (tx) => {
        const { hash, now, clientId, revocationExpiresAt: expiresAt } = rotation;
        const [family] = await tx.run(LOCK_FAMILY, { hash, clientId });
        if (family === undefined) return { outcome: 'unknown' };
        // Read after the lock: a concurrent refresh of the same login may have used or superseded this token.
        const [token] = await tx.run(TOKEN, { hash, family: family.id });
        if (token === undefined) return { outcome: 'unknown' };
        if (token.superseded || token.overtaken) {
          const revocation: Revocation = { kind: 'session', subject: family.id, before: now, expiresAt };
          await storeRevocation(tx, revocation);
          return { outcome: 'reused', revocation };
        }
        if (token.expiresAt <= now) return { outcome: 'expired' };
        await addSuccessor(tx, family.id, rotation);
        const { id, userId, scopes } = family;
        return { outcome: 'rotated', grant: { family: id, userId, clientId, scopes: scopes.split(' ') } };
      }),
  };
}
