/** {@link CloudRecords} on PostgreSQL. */
import { createHash } from 'node:crypto';
import type { CloudRecords } from '@credplex/core';
import { eq, getTableColumns, sql } from 'drizzle-orm';
import { writeAudit } from '../audit/audit-event.ts';
import type { Database } from '../postgres/database.ts';
import { type RowOf, select } from '../postgres/fragments.ts';
import { defineSharedRead } from '../postgres/shared-read.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { cloud } from '../schema/index.ts';
import { insertEvent } from './outbox-events.ts';
import { insertTuple } from './relation-tuples.ts';

const { externalIdHash: _, ...columns } = getTableColumns(cloud);
type Row = RowOf<typeof columns>;

const BY_ID = defineSharedRead(
  (p: Parameters<{ id: string }>) => sql<Row>`select ${select(columns)} from ${cloud} where ${cloud.id} = ${p.id}`,
  { types: { id: 'uuid' } },
);
const PAGE = defineStatement(
  (p: Parameters<{ after: string; limit: number }>) => sql<Row>`
    select ${select(columns)} from ${cloud} where ${cloud.slug} > ${p.after} order by ${cloud.slug} limit ${p.limit}`,
);

export function cloudRecords(db: Database): CloudRecords {
  return {
    createCloud: ({ cloud: row, tuples, event, audit: line }) =>
      db.transaction(async (tx) => {
        const externalIdHash = createHash('sha256').update(row.externalId).digest();
        const created = await tx.queries
          .insert(cloud)
          .values({ ...row, externalIdHash })
          .onConflictDoNothing()
          .returning({ id: cloud.id });
        if (created.length === 0) {
          // The conflicting row is committed: otherwise the insert would still wait for its writer.
          const taken = await tx.queries.select({ id: cloud.id }).from(cloud).where(eq(cloud.slug, row.slug));
          return taken.length > 0 ? 'slug_conflict' : 'external_id_conflict';
        }
        for (const tuple of tuples) await insertTuple(tx, tuple);
        await insertEvent(tx, event);
        await writeAudit(tx, [line]);
        return 'created';
      }),
    cloud: async (id) => (await db.read(BY_ID, { id }))[0],
    // Every slug is greater than the empty string.
    listClouds: ({ limit, after = '' }) => db.read(PAGE, { after, limit }),
  };
}
