/** What a login was decided on: client, user and family as they were read. */
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
 * Common table expressions that leave one row in `basis` if client, user and family are as they were read. The share locks wait for
 * a transaction that changes one of them, and let a later one wait, so that its revocation finds what this statement stores.
 * Client, user, family: in this order, as the changes of accounts take their locks.
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
