/** {@link PermissionRecords} on PostgreSQL. */
import {
  isUuid,
  type PermissionGuard,
  type PermissionRecords,
  type PermissionRow,
  permissionPaths,
} from '@credplex/core';
import { type SQL, sql } from 'drizzle-orm';
import { type AuditValues, auditValues, insertAuditOf } from '../audit/audit-event.ts';
import type { Database } from '../postgres/database.ts';
import { nameOf, namesOf, type RowOf, recordDefinition, select } from '../postgres/fragments.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { lowerName, storable, textArray } from '../postgres/text.ts';
import { credential, permission } from '../schema/index.ts';
import { addOperations, fromBits, heldBits, holds, toBits, WRITE_ACL } from './operations.ts';

const columns = {
  id: permission.id,
  path: permission.path,
  actor: permission.actor,
  operations: permission.operations,
};
const names = namesOf(Object.values(columns));
type PermissionRecord = RowOf<typeof columns>;

function toRow({ id, path, actor, operations }: PermissionRecord): PermissionRow {
  return { uuid: id, path, actor, operations: fromBits(operations) };
}

function readStatement<Values>(rest: (p: Parameters<Values>) => SQL) {
  return defineStatement(
    (p: Parameters<Values>) => sql<PermissionRecord>`select ${select(columns)} from ${permission} ${rest(p)}`,
  );
}

const BY_ID = readStatement((p: Parameters<{ id: string }>) => sql`where ${permission.id} = ${p.id}`);
const BY_ACTOR_AND_PATH = readStatement(
  (p: Parameters<{ actor: string; path: string }>) =>
    sql`where ${permission.actor} = ${p.actor} and ${permission.path} = ${p.path}`,
);
const BY_PATH = readStatement(
  (p: Parameters<{ path: string; pathLower: string }>) =>
    sql`where lower(${permission.path}) = ${p.pathLower} and ${permission.path} = ${p.path} order by ${permission.ordinal}`,
);
const HELD = defineStatement(
  (p: Parameters<{ actor: string; paths: string }>) =>
    sql<{ held: number }>`select ${heldBits(p.actor, sql`${p.paths}::text[]`)} as held`,
);
const CREDENTIAL_EXISTS = defineStatement(
  (p: Parameters<{ nameLower: string }>) =>
    sql`select from ${credential} where ${credential.nameLower} = ${p.nameLower}`,
);

/** Checked in the statement of the change, because a permission that was read before may have been removed. */
interface Guard {
  readonly guardActor: string | null;
  readonly guardPaths: string;
}
function isGuardSatisfied(p: Parameters<Guard>): SQL {
  return holds(p.guardActor, sql`${p.guardPaths}::text[]`, WRITE_ACL);
}
const UNGUARDED: Guard = { guardActor: null, guardPaths: textArray([]) };
function guardValues(guard: PermissionGuard | undefined): Guard {
  return guard === undefined
    ? UNGUARDED
    : { guardActor: guard.actor, guardPaths: textArray(permissionPaths(guard.path)) };
}

/** Defines a change that writes its audit event only if it changed a row. */
function audited<Values>(change: (p: Parameters<Values & Guard>) => SQL) {
  return defineStatement(
    (p: Parameters<Values & Guard & AuditValues>) => sql<PermissionRecord>`
      with changed as (${change(p as unknown as Parameters<Values & Guard>)} returning ${select(columns)}),
        audit as (${insertAuditOf(p as unknown as Parameters<AuditValues>, sql`from (select from changed limit 1) as once`)})
      select * from changed`,
  );
}

interface Entry {
  readonly id: string;
  readonly path: string;
  readonly actor: string;
  readonly operations: number;
}

const CREATE = audited<Entry>(
  (p) => sql`insert into ${permission} (${names})
    select ${p.id}::uuid, ${p.path}::text, ${p.actor}::text, ${p.operations}::smallint where ${isGuardSatisfied(p)}
    on conflict (${namesOf([permission.actor, permission.path])}) do nothing`,
);
const REPLACE = audited<{ id: string; operations: number }>(
  (p) => sql`update ${permission} set ${nameOf(permission.operations)} = ${p.operations}::smallint
    where ${permission.id} = ${p.id}::uuid and ${isGuardSatisfied(p)}`,
);
const DELETE = audited<{ id: string }>(
  (p) => sql`delete from ${permission} where ${permission.id} = ${p.id}::uuid and ${isGuardSatisfied(p)}`,
);

/** `entries`: a JSON list of {@link Entry}. */
type Union = Guard & { readonly entries: string };
function union(p: Parameters<Union>): SQL {
  return sql`insert into ${permission} (${names})
  select (array_agg(entry.id))[1], entry.path, entry.actor, bit_or(entry.operations)
  from json_to_recordset(${p.entries}::text::json) as entry (${recordDefinition(columns)})
  where ${isGuardSatisfied(p)}
  group by entry.path, entry.actor order by entry.path, entry.actor ${addOperations('permission')}`;
}
const UNION = audited<{ entries: string }>(union);
const UNION_UNAUDITED = defineStatement(
  (p: Parameters<Union>) => sql<PermissionRecord>`${union(p)} returning ${select(columns)}`,
);

export function createPermissionRecords(db: Database): PermissionRecords {
  return {
    async held({ actor, path }) {
      if (!storable(path)) return new Set();
      const [row] = await db.read(HELD, { actor, paths: textArray(permissionPaths(path)) });
      return new Set(fromBits(row?.held ?? 0));
    },
    async listByPath(path) {
      if (!storable(path)) return [];
      return (await db.read(BY_PATH, { path, pathLower: lowerName(path) })).map(toRow);
    },
    async get({ path, actor }) {
      if (!storable(path) || !storable(actor)) return undefined;
      return (await db.read(BY_ACTOR_AND_PATH, { actor, path })).map(toRow)[0];
    },
    async getById(uuid) {
      if (!isUuid(uuid)) return undefined;
      return (await db.read(BY_ID, { id: uuid })).map(toRow)[0];
    },
    async credentialExists(name) {
      if (!storable(name)) return false;
      return (await db.read(CREDENTIAL_EXISTS, { nameLower: lowerName(name) })).length > 0;
    },
    async create({ uuid, path, actor, operations, audit, guard }) {
      const entry = { id: uuid, path, actor, operations: toBits(operations) };
      const [row] = await db.write(CREATE, { ...entry, ...guardValues(guard), ...auditValues(audit) });
      return row ? { outcome: 'created', row: toRow(row) } : { outcome: 'exists' };
    },
    async union({ entries, audit, guard }) {
      const list: Entry[] = entries.map(({ uuid, path, actor, operations }) => ({
        id: uuid,
        path,
        actor,
        operations: toBits(operations),
      }));
      const values = { entries: JSON.stringify(list), ...guardValues(guard) };
      const rows = audit
        ? await db.write(UNION, { ...values, ...auditValues(audit) })
        : await db.write(UNION_UNAUDITED, values);
      return rows.map(toRow);
    },
    async replace({ uuid, operations, audit, guard }) {
      if (!isUuid(uuid)) return undefined;
      const change = { id: uuid, operations: toBits(operations) };
      const [row] = await db.write(REPLACE, { ...change, ...guardValues(guard), ...auditValues(audit) });
      return row && toRow(row);
    },
    async delete({ uuid, audit, guard }) {
      if (!isUuid(uuid)) return undefined;
      const [row] = await db.write(DELETE, { id: uuid, ...guardValues(guard), ...auditValues(audit) });
      return row && toRow(row);
    },
  };
}
