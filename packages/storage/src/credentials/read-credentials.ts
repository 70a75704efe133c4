/** The hot reads: permission and versions in one prepared statement each. */
import { type CredentialRecords, permissionPaths, type VersionRow } from '@credplex/core';
import { holds, pathsOf, READ } from '../permissions/operations.ts';
import type { Database } from '../postgres/database.ts';
import { isUuid, lowerName, storable, textArray } from '../postgres/text.ts';
import { toVersion, type VersionRecord, versionColumns, versionColumnsOfMany } from './version-row.ts';

const readable = holds('$2', '$3::text[]', READ);

// Two look-ups by key: an array of both ids would be a bitmap scan and half as much again.
const currentOfName = `select ${versionColumns} from credential c
  cross join lateral (select c.active_id as id union all select c.transitional_id where c.transitional_id is not null) as current
  join credential_version v on v.id = current.id
  where c.name_lower = $1 and ${readable}`;

const versionsOfName = `select ${versionColumnsOfMany('v.seq desc')} from credential c
  join credential_version v on v.credential_id = c.id
  where c.name_lower = $1 and ${readable}
  order by v.seq desc limit $4`;

const versionOfId = `select ${versionColumns} from credential_version v join credential c on c.id = v.credential_id
  where v.id = $1 and ${holds('$2', pathsOf('c.name'), READ)}`;

// Materialized, so that permissions are looked up for names that exist and not for whatever a body lists.
const newestOfMany = `with asked as materialized (select given.name, c.id, coalesce(c.active_id, c.transitional_id) as newest
    from unnest($1::text[], $2::text[]) as given (name, lower) join credential c on c.name_lower = given.lower)
  select asked.name as asked, ${versionColumnsOfMany('v.id')}
  from asked join credential c on c.id = asked.id join credential_version v on v.id = asked.newest
  where ${holds('$3', pathsOf('asked.name'), READ)}`;

/** More than any name has versions; a limit is always there so that the statement is one. */
const all = 2_147_483_647;

type Reads = Pick<CredentialRecords, 'readByName' | 'readById' | 'readMany'>;

export function createCredentialReads(db: Database): Reads {
  return {
    async readByName({ access, name, current, limit }) {
      if (!storable(name)) return [];
      const values = [lowerName(name), access.actor, textArray(permissionPaths(name))];
      if (!current) return (await db.read<VersionRecord>(versionsOfName, [...values, limit ?? all])).map(toVersion);
      const rows = await db.read<VersionRecord>(currentOfName, values);
      if (rows[0]?.transitional) rows.reverse();
      return rows.map(toVersion);
    },

    async readById({ access, id }) {
      if (!isUuid(id)) return undefined;
      const [row] = await db.read<VersionRecord>(versionOfId, [id, access.actor]);
      return row && toVersion(row);
    },

    async readMany({ access, names }) {
      const asked = [...new Set(names)].filter(storable);
      const found = new Map<string, VersionRow>();
      if (asked.length === 0) return found;
      const values = [textArray(asked), textArray(asked.map(lowerName)), access.actor];
      for (const row of await db.read<VersionRecord & { asked: string }>(newestOfMany, values)) {
        found.set(row.asked, toVersion(row));
      }
      return found;
    },
  };
}
