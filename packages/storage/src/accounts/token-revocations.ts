/** Rows of `token_revocation`: access tokens that are invalid before they expire. */
import type { Revocation } from '@credplex/core';
import { eq, type SQL, sql } from 'drizzle-orm';
import type { Transaction } from '../postgres/database.ts';
import { excluded } from '../postgres/fragments.ts';
import { refreshFamily, tokenRevocation } from '../schema/index.ts';

/** Selects the logins that a revocation ends. The subject need not be a UUID, so ids are compared as text. */
function familiesOf({ kind, subject }: Revocation): SQL | undefined {
  switch (kind) {
    case 'jti':
      return undefined;
    case 'session':
      return eq(sql`${refreshFamily.id}::text`, subject);
    case 'user':
      return eq(sql`${refreshFamily.userId}::text`, subject);
    case 'client':
      return eq(refreshFamily.clientId, subject);
  }
}

/** Stores a revocation and deletes the logins that it ends. The later of two revocations of a subject is kept. */
export async function storeRevocation(tx: Transaction, revocation: Revocation): Promise<void> {
  const { kind, subject, before, expiresAt } = revocation;
  const { before: storedBefore, expiresAt: storedExpiry } = tokenRevocation;
  await tx.queries
    .insert(tokenRevocation)
    .values({ kind, subject, before, expiresAt })
    .onConflictDoUpdate({
      target: [tokenRevocation.kind, tokenRevocation.subject],
      set: {
        before: sql`greatest(${storedBefore}, ${excluded(storedBefore)})`,
        expiresAt: sql`greatest(${storedExpiry}, ${excluded(storedExpiry)})`,
      },
    });
  const families = familiesOf(revocation);
  if (families !== undefined) await tx.queries.delete(refreshFamily).where(families);
}
