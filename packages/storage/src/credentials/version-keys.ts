/** Which key seals which version, and the walk of a key rotation. */
import type { CredentialRecords } from '@credplex/core';
import type { Database } from '../postgres/database.ts';
import { isRemoteKey } from '../vault/key-ids.ts';

const lowest = '00000000-0000-0000-0000-000000000000';

/** A document that moves out of a remote vault into the row leaves its path behind: that becomes the sweeper's. */
const reseal = `with changed as (
    update credential_version set key_id = $5::text, format = $6::smallint, sealed = $7::bytea
    where id = $1 and key_id = $2::text and format = $3::smallint and sealed = $4::bytea returning id),
  orphan as (insert into intent (id, path, purpose, ref, key_id, sweeping)
    select gen_random_uuid(), 'credhub/' || id, 'credhub', id::text, $2::text, true from changed where $8::boolean)
  select id from changed`;

type KeyRecords = Pick<CredentialRecords, 'countByKey' | 'sealedElsewhere' | 'reseal'>;

export function createVersionKeys(db: Database): KeyRecords {
  return {
    async countByKey() {
      const rows = await db.slowQuery<{ key_id: string; n: string }>(
        'select key_id, count(*) as n from credential_version group by key_id',
      );
      return new Map(rows.map(({ key_id, n }) => [key_id, Number(n)]));
    },
    async sealedElsewhere({ keyId, limit, after }) {
      const rows = await db.slowQuery<{ id: string; key_id: string; format: number; sealed: Uint8Array }>(
        'select id, key_id, format, sealed from credential_version where key_id <> $1 and id > $2 order by id limit $3',
        [keyId, after ?? lowest, limit],
      );
      return rows.map(({ id, key_id, format, sealed }) => ({ id, sealed: { keyId: key_id, format, bytes: sealed } }));
    },
    async reseal({ id, from, to }) {
      const leaves = isRemoteKey(from.keyId) && from.keyId !== to.keyId;
      const rows = await db.write(reseal, [
        id,
        from.keyId,
        from.format,
        from.bytes,
        to.keyId,
        to.format,
        to.bytes,
        leaves,
      ]);
      return rows.length === 1;
    },
  };
}
