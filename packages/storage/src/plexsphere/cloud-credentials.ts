/** {@link CloudCredentialRecords} on PostgreSQL. */
import {
  type CloudCredentialRecords,
  type CloudCredentialRow,
  CredError,
  type PendingVaultRevocation,
} from '@credplex/core';
import { writeAudit } from '../audit/audit-event.ts';
import type { Database, Transaction } from '../postgres/database.ts';
import { nextAttempt } from '../postgres/next-attempt.ts';
import { insertEvent } from './outbox-events.ts';

interface Row {
  id: string;
  seq: string;
  cloud_id: string;
  display_name: string;
  version: string;
  expires_at: Date;
  revoked_at: Date | null;
  expired_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

interface PendingRow {
  id: string;
  cloud_id: string;
  sealed_key_id: string;
  sealed_format: number;
  sealed: Uint8Array;
}

const COLUMNS = 'id, seq, cloud_id, display_name, version, expires_at, revoked_at, expired_at, created_at, updated_at';
const PENDING_COLUMNS = 'id, cloud_id, sealed_key_id, sealed_format, sealed';
const IS_PENDING = '(revoked_at is not null or expired_at is not null) and vault_revoked_at is null';
const PENDING = `select ${PENDING_COLUMNS} from cloud_credential where ${IS_PENDING}`;

/** `false`: it is gone, or a sweep has marked it and destroys the path (intents.ts). */
const takeIntent = async (tx: Transaction, intent: string): Promise<boolean> =>
  (await tx.run('delete from intent where id = $1 and not sweeping returning id', [intent])).length > 0;

export const credentialRecords = (db: Database): CloudCredentialRecords => ({
  insertCloudCredential: ({ row, sealed, intent, event, audit: line }) =>
    db.transaction(async (tx) => {
      if (intent !== undefined && !(await takeIntent(tx, intent)))
        throw new CredError('internal', {}, { cause: new Error('the intent of this write is gone') });
      const [made] = await tx.run<Row>(
        `insert into cloud_credential (id, cloud_id, display_name, version, sealed_key_id, sealed_format, sealed,
                                       expires_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning ${COLUMNS}`,
        [
          row.id,
          row.cloudId,
          row.displayName,
          row.version,
          sealed.keyId,
          sealed.format,
          Buffer.from(sealed.bytes),
          row.expiresAt,
          row.createdAt,
          row.updatedAt,
        ],
      );
      if (made === undefined) throw new CredError('internal');
      await insertEvent(tx, event);
      await writeAudit(tx, [line]);
      return credentialRow(made);
    }),

  cloudCredential: async (id) => {
    const [row] = await db.read<Row>(`select ${COLUMNS} from cloud_credential where id = $1`, [id]);
    return row && credentialRow(row);
  },

  listCloudCredentials: async ({ cloudId, limit, after = 0 }) => {
    const rows = await db.read<Row>(
      `select ${COLUMNS} from cloud_credential where cloud_id = $1 and seq > $2 order by seq limit $3`,
      [cloudId, after, limit],
    );
    return rows.map(credentialRow);
  },

  revokeCloudCredential: ({ id, at, event, audit: line }) =>
    db.transaction(async (tx) => {
      const [changed] = await tx.run<Row>(
        `update cloud_credential set revoked_at = $2, updated_at = $2 where id = $1 and revoked_at is null
         returning ${COLUMNS}`,
        [id, at],
      );
      if (changed === undefined) {
        const [row] = await tx.run<Row>(`select ${COLUMNS} from cloud_credential where id = $1`, [id]);
        return row && { row: credentialRow(row), changed: false };
      }
      const row = credentialRow(changed);
      await insertEvent(tx, event(row));
      await writeAudit(tx, [line(row)]);
      return { row, changed: true };
    }),

  dueCloudCredentials: async ({ at, limit, after }) => {
    const rows = await db.slowQuery<{ id: string; seq: string }>(
      `select id, seq from cloud_credential
       where expires_at <= $1 and revoked_at is null and expired_at is null and seq > $2 order by seq limit $3`,
      [at, after, limit],
    );
    return rows.map(({ id, seq }) => ({ id, seq: Number(seq) }));
  },

  expireCloudCredential: ({ id, at, event, audit: line }) =>
    db.transaction(async (tx) => {
      const [expired] = await tx.run<Row>(
        `update cloud_credential set expired_at = $2, updated_at = $2
         where id = $1 and expires_at <= $2 and revoked_at is null and expired_at is null
         returning ${COLUMNS}`,
        [id, at],
      );
      if (expired === undefined) return undefined;
      const row = credentialRow(expired);
      await insertEvent(tx, event(row));
      await writeAudit(tx, [line(row)]);
      return row;
    }),

  pendingVaultRevocations: async ({ limit, id }) => {
    const rows =
      id === undefined
        ? await db.slowQuery<PendingRow>(`${PENDING} order by seq limit $1`, [limit])
        : await db.read<PendingRow>(`${PENDING} and id = $1`, [id]);
    return rows.map(pendingRow);
  },

  claimVaultRevocations: async ({ limit, at }) => {
    const rows = await db.write<PendingRow>(
      `update cloud_credential set vault_attempts = vault_attempts + 1,
         vault_next_attempt_at = ${nextAttempt('$1::timestamptz', 'vault_attempts')}
       where id in (
         select id from cloud_credential
         where ${IS_PENDING} and vault_next_attempt_at <= $1 order by seq limit $2 for update skip locked)
       returning ${PENDING_COLUMNS}`,
      [at, limit],
    );
    return rows.map(pendingRow);
  },

  vaultRevoked: async ({ id, sealed }, at) => {
    const noted = await db.write(
      `update cloud_credential set vault_revoked_at = $2
       where id = $1 and vault_revoked_at is null and sealed_key_id = $3 and sealed = $4 returning id`,
      [id, at, sealed.keyId, Buffer.from(sealed.bytes)],
    );
    return noted.length > 0;
  },
});

const pendingRow = (row: PendingRow): PendingVaultRevocation => ({
  id: row.id,
  cloudId: row.cloud_id,
  sealed: { keyId: row.sealed_key_id, format: row.sealed_format, bytes: row.sealed },
});

const credentialRow = (row: Row): CloudCredentialRow => ({
  id: row.id,
  cloudId: row.cloud_id,
  // A bigint comes as text; neither counter reaches 2^53.
  seq: Number(row.seq),
  displayName: row.display_name,
  version: Number(row.version),
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  expiredAt: row.expired_at,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
