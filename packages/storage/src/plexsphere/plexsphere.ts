/** {@link PlexsphereRecords} on PostgreSQL, composed of one file per family of tables. */
import type { OutboxEvent, PlexsphereRecords } from '@credplex/core';
import { gt } from 'drizzle-orm';
import { writeAudit } from '../audit/audit-event.ts';
import type { Database } from '../postgres/database.ts';
import { outbox } from '../schema/index.ts';
import { tokenRecords } from './api-tokens.ts';
import { credentialRecords } from './cloud-credentials.ts';
import { cloudRecords } from './clouds.ts';
import { tupleRecords } from './relation-tuples.ts';

export function createPlexsphereRecords(db: Database): PlexsphereRecords {
  return {
    ...cloudRecords(db),
    ...credentialRecords(db),
    ...tokenRecords(db),
    ...tupleRecords(db),
    auditNow: async (event) => {
      await db.transaction((tx) => writeAudit(tx, [event]));
    },
    outbox: async ({ after, limit }) => {
      const rows = await db.slowQuery((queries) =>
        queries.select().from(outbox).where(gt(outbox.seq, after)).orderBy(outbox.seq).limit(limit),
      );
      return rows.map((row) => ({ ...row, payload: JSON.parse(row.payload) as OutboxEvent['payload'] }));
    },
  };
}
