/** Deletes outbox events after their retention period. */
import { inArray, lt } from 'drizzle-orm';
import type { Database } from '../postgres/database.ts';
import { outbox } from '../schema/index.ts';

/** An advisory lock number that no other code uses. */
const PRUNE_LOCK = 727_005;

export interface PruneRequest {
  readonly before: Date;
  readonly limit: number;
}

/**
 * Creates a function that deletes at most `limit` of the oldest events from before `before` and resolves to their number. One
 * server prunes at a time; on the others it resolves to 0.
 */
export function createOutboxPrune(db: Database) {
  return ({ before, limit }: PruneRequest): Promise<number> =>
    db.transaction(async (tx) => {
      const [lock] = await tx.run<{ taken: boolean }>('select pg_try_advisory_xact_lock($1) as taken', [PRUNE_LOCK]);
      if (lock?.taken !== true) return 0;
      const { seq, occurredAt } = outbox;
      const oldest = tx.queries
        .select({ seq })
        .from(outbox)
        .where(lt(occurredAt, before))
        .orderBy(occurredAt)
        .limit(limit);
      return (await tx.queries.delete(outbox).where(inArray(seq, oldest)).returning({ seq })).length;
    });
}
