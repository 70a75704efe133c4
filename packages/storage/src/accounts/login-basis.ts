/** The state that a login was decided on: client, user and family as they were read. */
import type { LoginBasis } from '@credplex/core';
import { type SQL, sql } from 'drizzle-orm';
import type { Parameters } from '../postgres/statement.ts';
import { accountClient, accountUser, refreshFamily } from '../schema/index.ts';

export interface BasisValues {
  readonly basisClientId: string;
  readonly basisClientVerifier: string;
  readonly basisUserId: string | null;
  readonly basisUserVerifier: string | null;
  readonly basisFamily: string | null;
}

export function basisValues({ client, user, family }: LoginBasis): BasisValues {
  return {
    basisClientId: client.id,
    basisClientVerifier: client.verifier,
    basisUserId: user?.id ?? null,
    basisUserVerifier: user?.verifier ?? null,
    basisFamily: family ?? null,
  };
}

/**
 * Returns common table expressions that give one row in `basis` if client, user and family are unchanged since they were read.
 * The share locks serialise with transactions that change one of them: an earlier one is seen here, and the revocation of a later
 * one finds the rows of this statement. Locks are taken in the order client, user, family, as account changes take them.
 */
export function basisExpressions(p: Parameters<BasisValues>): SQL {
  return sql`
  client as materialized (select from ${accountClient}
    where ${accountClient.id} = ${p.basisClientId} and ${accountClient.verifier} = ${p.basisClientVerifier} for share),
  holder as materialized (select from ${accountUser}
    where ${accountUser.id} = ${p.basisUserId}::uuid and ${accountUser.verifier} = ${p.basisUserVerifier} for share),
  family as materialized (select from ${refreshFamily} where ${refreshFamily.id} = ${p.basisFamily}::uuid for share),
  basis as materialized (select from client
    where (${p.basisUserId}::uuid is null or exists (select from holder))
      and (${p.basisFamily}::uuid is null or exists (select from family)))`;
}
