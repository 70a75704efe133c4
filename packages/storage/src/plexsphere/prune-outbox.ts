/** Deletes events that are older than they are kept. */
import { inArray, lt } from 'drizzle-orm';
import type { Database } from '../postgres/database.ts';
import { outbox } from '../schema/index.ts';

/** Any number that nothing else in the database locks. */
const PRUNE_LOCK = 727_005;

export interface PruneRequest {
  readonly before: Date;
  readonly limit: number;
}

/**
 * Deletes at most `limit` of the oldest events from before `before` and resolves to how many. One server works at a time:
 * to others it resolves to 0.
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
