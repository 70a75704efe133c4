/** Rows of `token_revocation`: which access tokens count no longer although they have not expired. */
import type { Revocation } from '@credplex/core';
import type { Transaction } from '../postgres/database.ts';

/** The refresh tokens that end with their subject. */
const FAMILIES_OF: Readonly<Record<Revocation['kind'], string | undefined>> = {
  jti: undefined,
  session: 'delete from refresh_family where id::text = $1',
  user: 'delete from refresh_family where user_id::text = $1',
  client: 'delete from refresh_family where client_id = $1',
};

/** Stores a revocation; a later one of the same subject covers an earlier one. Ends the subject's logins with it. */
export async function storeRevocation(tx: Transaction, revocation: Revocation): Promise<void> {
  const { kind, subject, before, expiresAt } = revocation;
  await tx.run(
    `insert into token_revocation (kind, subject, before, expires_at) values ($1, $2, $3, $4)
     on conflict (kind, subject) do update
       set before = greatest(token_revocation.before, excluded.before),
           expires_at = greatest(token_revocation.expires_at, excluded.expires_at)`,
    [kind, subject, before, expiresAt],
  );
  const families = FAMILIES_OF[kind];
  if (families !== undefined) await tx.run(families, [subject]);
}
