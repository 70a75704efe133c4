import { type PermissionGuard, type PermissionRecords, type PermissionRow, permissionPaths } from '@credplex/core';
import { auditColumnNames, auditParameters, auditValues } from '../audit/audit-event.ts';
import type { Database } from '../postgres/database.ts';
import { isUuid, lowerName, storable, textArray } from '../postgres/text.ts';
import { fromBits, heldBits, holds, toBits, WRITE_ACL } from './operations.ts';

interface PermissionRecord {
  readonly id: string;
  readonly path: string;
  readonly actor: string;
  readonly operations: number;
}

const columns = 'id, path, actor, operations';

function toRow({ id, path, actor, operations }: PermissionRecord): PermissionRow {
  return { uuid: id, path, actor, operations: fromBits(operations) };
}

/** Wraps a change named `done`, so that its audit row exists if and only if the change did something. */
const audited = (first: number, change: string): string => `with done as (${change} returning ${columns}),
  told as (insert into audit_event (${auditColumnNames}) select ${auditParameters(first)} from (select from done limit 1) as once)
  select ${columns} from done`;

/** Asked in the statement of the change: an answer that was given before may have been taken back. */
const GUARD = holds('$1', '$2::text[]', WRITE_ACL);
const UNGUARDED = [null, textArray([])];
const guardValues = (guard: PermissionGuard | undefined) =>
  guard === undefined ? UNGUARDED : [guard.actor, textArray(permissionPaths(guard.path))];

const insert = audited(
  7,
  `insert into permission (id, path, actor, operations)
   select $3::uuid, $4::text, $5::text, $6::smallint where ${GUARD} on conflict (actor, path) do nothing`,
);
const replace = audited(5, `update permission set operations = $4::smallint where id = $3::uuid and ${GUARD}`);
const remove = audited(4, `delete from permission where id = $3::uuid and ${GUARD}`);

const addAll = `insert into permission as p (id, path, actor, operations)
  select (array_agg(e.id))[1], e.path, e.actor, bit_or(e.operations)
  from json_to_recordset($3::text::json) as e (id uuid, path text, actor text, operations smallint)
  where ${GUARD}
  group by e.path, e.actor order by e.path, e.actor
  on conflict (actor, path) do update set operations = p.operations | excluded.operations`;

/** CredHub's permission entries on PostgreSQL. */
export function createPermissionRecords(db: Database): PermissionRecords {
  const one = async (condition: string, values: readonly string[]): Promise<PermissionRow | undefined> => {
    const [row] = await db.read<PermissionRecord>(`select ${columns} from permission where ${condition}`, values);
    return row && toRow(row);
  };
  return {
    async held({ actor, path }) {
      if (!storable(path)) return new Set();
      const [row] = await db.read<{ held: number }>(`select ${heldBits('$1', '$2::text[]')} as held`, [
        actor,
        textArray(permissionPaths(path)),
      ]);
      return new Set(fromBits(row?.held ?? 0));
    },
    async listByPath(path) {
      if (!storable(path)) return [];
      const rows = await db.read<PermissionRecord>(
        `select ${columns} from permission where lower(path) = $1 and path = $2 order by ordinal`,
        [lowerName(path), path],
      );
      return rows.map(toRow);
    },
    async get({ path, actor }) {
      return storable(path) && storable(actor) ? one('actor = $1 and path = $2', [actor, path]) : undefined;
    },
    async getById(uuid) {
      return isUuid(uuid) ? one('id = $1', [uuid]) : undefined;
    },
    async credentialExists(name) {
      if (!storable(name)) return false;
      return (await db.read('select from credential where name_lower = $1', [lowerName(name)])).length > 0;
    },
    async create({ uuid, path, actor, operations, audit, guard }) {
      const [row] = await db.write<PermissionRecord>(insert, [
        ...guardValues(guard),
        uuid,
        path,
        actor,
        toBits(operations),
        ...auditValues(audit),
      ]);
      return row ? { outcome: 'created', row: toRow(row) } : { outcome: 'exists' };
    },
    async union({ entries, audit, guard }) {
      const json = JSON.stringify(
        entries.map((entry) => ({
          id: entry.uuid,
          path: entry.path,
          actor: entry.actor,
          operations: toBits(entry.operations),
        })),
      );
      const rows = audit
        ? await db.write<PermissionRecord>(audited(4, addAll), [...guardValues(guard), json, ...auditValues(audit)])
        : await db.write<PermissionRecord>(`${addAll} returning ${columns}`, [...guardValues(guard), json]);
      return rows.map(toRow);
    },
    async replace({ uuid, operations, audit, guard }) {
      if (!isUuid(uuid)) return undefined;
      const [row] = await db.write<PermissionRecord>(replace, [
        ...guardValues(guard),
        uuid,
        toBits(operations),
        ...auditValues(audit),
      ]);
      return row && toRow(row);
    },
    async delete({ uuid, audit, guard }) {
      if (!isUuid(uuid)) return undefined;
      const [row] = await db.write<PermissionRecord>(remove, [...guardValues(guard), uuid, ...auditValues(audit)]);
      return row && toRow(row);
    },
  };
}
