/** {@link CloudRecords} on PostgreSQL. */
import { createHash } from 'node:crypto';
import type { CloudProvider, CloudRecords, CloudRow } from '@credplex/core';
import { writeAudit } from '../audit/audit-event.ts';
import type { Database } from '../postgres/database.ts';
import { insertEvent } from './outbox-events.ts';
import { insertTuple } from './relation-tuples.ts';

interface Row {
  id: string;
  slug: string;
  display_name: string;
  provider: CloudProvider;
  endpoint: string;
  region_defaults: string;
  external_id: string;
  created_at: Date;
  updated_at: Date;
}

export const cloudRecords = (db: Database): CloudRecords => ({
  createCloud: ({ cloud, tuples, event, audit: line }) =>
    db.transaction(async (tx) => {
      const made = await tx.run(
        `insert into cloud (id, slug, display_name, provider, endpoint, region_defaults, external_id, external_id_hash,
                            created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict do nothing returning id`,
        [
          cloud.id,
          cloud.slug,
          cloud.displayName,
          cloud.provider,
          cloud.endpoint,
          cloud.regionDefaults,
          cloud.externalId,
          createHash('sha256').update(cloud.externalId).digest(),
          cloud.createdAt,
          cloud.updatedAt,
        ],
      );
      if (made.length === 0) {
        // The other writer has committed, or the insert would still be waiting for it.
        const taken = await tx.run('select id from cloud where slug = $1', [cloud.slug]);
        return taken.length > 0 ? 'slug_conflict' : 'external_id_conflict';
      }
      for (const tuple of tuples) await insertTuple(tx, tuple);
      await insertEvent(tx, event);
      await writeAudit(tx, [line]);
      return 'created';
    }),
  cloud: async (id) => {
    const [row] = await db.read<Row>('select * from cloud where id = $1', [id]);
    return row && cloudRow(row);
  },
  // Every slug is greater than the empty text.
  listClouds: async ({ limit, after = '' }) =>
    (await db.read<Row>('select * from cloud where slug > $1 order by slug limit $2', [after, limit])).map(cloudRow),
});

const cloudRow = (row: Row): CloudRow => ({
  id: row.id,
  slug: row.slug,
  displayName: row.display_name,
  provider: row.provider,
  endpoint: row.endpoint,
  regionDefaults: row.region_defaults,
  externalId: row.external_id,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
