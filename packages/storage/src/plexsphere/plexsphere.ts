/** {@link PlexsphereRecords} on PostgreSQL: one file per family of tables, joined here. */
import type { OutboxEvent, PlexsphereRecords } from '@credplex/core';
import { writeAudit } from '../audit/audit-event.ts';
import type { Database } from '../postgres/database.ts';
import { tokenRecords } from './api-tokens.ts';
import { credentialRecords } from './cloud-credentials.ts';
import { cloudRecords } from './clouds.ts';
import { tupleRecords } from './relation-tuples.ts';

interface OutboxRow {
  seq: string;
  id: string;
  type: OutboxEvent['type'];
  occurred_at: Date;
  actor: string;
  correlation_id: string;
  payload: string;
}

export const createPlexsphereRecords = (db: Database): PlexsphereRecords => ({
  ...cloudRecords(db),
  ...credentialRecords(db),
  ...tokenRecords(db),
  ...tupleRecords(db),
  auditNow: async (event) => {
    await db.transaction((tx) => writeAudit(tx, [event]));
  },
  outbox: async ({ after, limit }) => {
    const rows = await db.read<OutboxRow>('select * from outbox where seq > $1 order by seq limit $2', [after, limit]);
    return rows.map((row) => ({
      seq: Number(row.seq),
      id: row.id,
      type: row.type,
      occurredAt: row.occurred_at,
      actor: row.actor,
      correlationId: row.correlation_id,
      payload: JSON.parse(row.payload) as OutboxEvent['payload'],
    }));
  },
});
