import type { Sealed, SharedSecrets } from '@credplex/core';
import type { Database } from '../postgres/database.ts';
import { likeLiteral } from '../postgres/text.ts';

interface SharedRecord {
  readonly name: string;
  readonly id: string;
  readonly key_id: string;
  readonly format: number;
  readonly sealed: Uint8Array;
}

const columns = 'name, id, key_id, format, sealed';

function toEntry({ id, key_id, format, sealed }: SharedRecord): { id: string; sealed: Sealed } {
  return { id, sealed: { keyId: key_id, format, bytes: sealed } };
}

/** Small sealed things that all replicas share, on PostgreSQL. */
export function createSharedSecrets(db: Database): SharedSecrets {
  const put = `insert into shared_secret (${columns}) values ($1, $2, $3, $4, $5) on conflict (name)`;
  return {
    async get(name) {
      const [row] = await db.read<SharedRecord>(`select ${columns} from shared_secret where name = $1`, [name]);
      return row && toEntry(row);
    },
    async putIfAbsent(name, { id, sealed }) {
      // An update of nothing, so that the row of whoever was first comes back.
      const [row] = await db.write<SharedRecord>(`${put} do update set name = excluded.name returning ${columns}`, [
        name,
        id,
        sealed.keyId,
        sealed.format,
        sealed.bytes,
      ]);
      return row ? toEntry(row) : { id, sealed };
    },
    async replace(name, { id, sealed }) {
      await db.write(
        `${put} do update set id = excluded.id, key_id = excluded.key_id, format = excluded.format, sealed = excluded.sealed, updated_at = now()`,
        [name, id, sealed.keyId, sealed.format, sealed.bytes],
      );
    },
    async list(prefix) {
      const rows = await db.read<SharedRecord>(
        `select ${columns} from shared_secret where name like $1 order by name`,
        [`${likeLiteral(prefix)}%`],
      );
      return rows.map((row) => ({ name: row.name, ...toEntry(row) }));
    },
    async remove(name) {
      await db.write('delete from shared_secret where name = $1', [name]);
    },
  };
}
