/** Reads of versions: permission and versions in one prepared statement, which concurrent callers share. */
import { type CredentialRecords, isUuid, permissionPaths, type VersionRow } from '@credplex/core';
import { sql } from 'drizzle-orm';
import { holds, pathsOf, READ } from '../permissions/operations.ts';
import type { Database } from '../postgres/database.ts';
import { select } from '../postgres/fragments.ts';
import { defineSharedRead } from '../postgres/shared-read.ts';
import type { Parameters } from '../postgres/statement.ts';
import { lowerName, storable, textArray } from '../postgres/text.ts';
import { credential, credentialVersion } from '../schema/index.ts';
import { lacksValue } from './sealed-column.ts';
import { c, v } from './tables.ts';
import { toVersion, type VersionRecord, versionColumnsFor, versionColumnsOfManyFor } from './version-row.ts';

interface ByName {
  readonly nameLower: string;
  readonly actor: string | null;
  readonly paths: string;
}

// Two look-ups by key: an array of both ids would be a bitmap scan and half as much again.
const CURRENT_OF_NAME = defineSharedRead(
  (p: Parameters<ByName>, form) => sql<VersionRecord>`
    select ${select(versionColumnsFor(form))} from ${credential} ${c}
    cross join lateral (select ${c.activeId} as id
      union all select ${c.transitionalId} where ${c.transitionalId} is not null) as current
    join ${credentialVersion} ${v} on ${v.id} = current.id
    where ${c.nameLower} = ${p.nameLower} and ${holds(p.actor, sql`${p.paths}::text[]`, READ)}`,
  { isCut: lacksValue },
);

/** Versions of one caller in the answer to a batch. A caller who wants more, where there are more, is read alone. */
const VERSIONS_IN_BATCH = 8;

const VERSIONS_OF_NAME = defineSharedRead(
  (p: Parameters<ByName & { limit: number }>, form) => sql<VersionRecord>`
    select ${select(versionColumnsOfManyFor(form, sql`${v.seq} desc`))} from ${credential} ${c}
    join ${credentialVersion} ${v} on ${v.credentialId} = ${c.id}
    where ${c.nameLower} = ${p.nameLower} and ${holds(p.actor, sql`${p.paths}::text[]`, READ)}
    order by ${v.seq} desc limit ${form === 'single' ? p.limit : sql`least(${p.limit}, ${VERSIONS_IN_BATCH + 1})`}`,
  {
    types: { limit: 'int' },
    isCut: (rows) => rows.length > VERSIONS_IN_BATCH || lacksValue(rows),
  },
);

const VERSION_OF_ID = defineSharedRead(
  (p: Parameters<{ id: string; actor: string | null }>, form) => sql<VersionRecord>`
    select ${select(versionColumnsFor(form))} from ${credentialVersion} ${v}
    join ${credential} ${c} on ${c.id} = ${v.credentialId}
    where ${v.id} = ${p.id} and ${holds(p.actor, pathsOf(sql`${c.name}`), READ)}`,
  { types: { id: 'uuid' }, isCut: lacksValue },
);

interface ManyNames {
  /** Array literals. */
  readonly names: string;
  readonly namesLower: string;
  readonly count: number;
  readonly actor: string | null;
}

// Materialized, so that permissions are looked up for names that exist and not for every name in a body.
const NEWEST_OF_MANY = defineSharedRead(
  (p: Parameters<ManyNames>, form) => sql<VersionRecord & { readonly requestedName: string }>`
    with input as materialized (
      select requested.name, ${select({ id: c.id, newestId: sql`coalesce(${c.activeId}, ${c.transitionalId})` })}
      from unnest(${p.names}::text[], ${p.namesLower}::text[]) as requested (name, lower)
      join ${credential} ${c} on ${c.nameLower} = requested.lower)
    select input.name as "requestedName", ${select(versionColumnsOfManyFor(form, sql`${v.id}`))}
    from input join ${credential} ${c} on ${c.id} = input.id
    join ${credentialVersion} ${v} on ${v.id} = input."newestId"
    where ${holds(p.actor, pathsOf(sql`input.name`), READ)}`,
  { weight: ({ count }) => count, isCut: lacksValue },
);

/** More than any name has versions; a limit is always there so that the statement is one. */
const NO_LIMIT = 2_147_483_647;

type Reads = Pick<CredentialRecords, 'readByName' | 'readById' | 'readMany'>;

export function createCredentialReads(db: Database): Reads {
  return {
    async readByName({ access, name, current, limit = NO_LIMIT }) {
      if (!storable(name)) return [];
      const byName = { nameLower: lowerName(name), actor: access.actor, paths: textArray(permissionPaths(name)) };
      if (!current) return (await db.read(VERSIONS_OF_NAME, { ...byName, limit })).map(toVersion);
      const rows = await db.read(CURRENT_OF_NAME, byName);
      if (rows[0]?.transitional) rows.reverse();
      return rows.map(toVersion);
    },

    async readById({ access, id }) {
      if (!isUuid(id)) return undefined;
      const [row] = await db.read(VERSION_OF_ID, { id, actor: access.actor });
      return row && toVersion(row);
    },

    async readMany({ access, names }) {
      const requested = [...new Set(names)].filter(storable);
      const found = new Map<string, VersionRow>();
      if (requested.length === 0) return found;
      const rows = await db.read(NEWEST_OF_MANY, {
        names: textArray(requested),
        namesLower: textArray(requested.map(lowerName)),
        count: requested.length,
        actor: access.actor,
      });
      for (const row of rows) found.set(row.requestedName, toVersion(row));
      return found;
    },
  };
}
