/** Finds: names that the actor can read, newest version first, each once, in bounded memory. */
import type { CredentialRecords, FindQuery, FoundName } from '@credplex/core';
import { CredError } from '@credplex/core';
import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../postgres/database.ts';
import { select } from '../postgres/fragments.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { storable } from '../postgres/text.ts';
import { credentialVersion } from '../schema/index.ts';
import { chooseSource, SOURCES, type SourceKind, type SourceValues } from './find-source.ts';
import { c, v } from './tables.ts';

interface FindValues extends SourceValues {
  readonly expiresBefore?: Date;
}
/** Rows per batch; also up to how many a find is one statement on the pool of the reads. */
const BATCH_ROWS = 500;

const plainFind = (source: SQL): SQL => sql`select ${select({ name: c.name, at: c.listedAt })} from (${source}) ${c}
  where ${c.listedAt} is not null order by ${c.listedAt} desc, ${c.name}`;

/** Of the active and the transitional version the one that ends first is shown (cloudfoundry/credhub#181 asks for both). */
const expiringFind = (source: SQL, expiresBefore: SQL): SQL => sql`
  select ${select({ name: c.name })}, first.at, first."expiresAt" from (${source}) ${c}
  cross join lateral (select ${select({ at: v.createdAt, expiresAt: v.expiresAt })} from ${credentialVersion} ${v}
    where ${v.id} = any(array[${c.activeId}, ${c.transitionalId}]) and ${v.expiresAt} <= ${expiresBefore}::timestamptz
    order by ${v.expiresAt} limit 1) first
  order by at desc, ${c.name}`;

const FIELD_END = '\u001f';
const ROW_END = '\u001e';

/** In UTC by ISO 8601, in quotes. Of the forms that PostgreSQL has, `to_json` is the cheapest and follows no setting. */
const timeText = (time: SQL): SQL => sql`to_json(${time} at time zone 'UTC')`;
const SECONDS_LENGTH = 'YYYY-MM-DDTHH:MM:SS'.length;

/**
 * A row as one text. As objects of the driver, rows cost four times as much of the server's processor time, and a million of them
 * 100 MiB of garbage (docs/decisions/0016-large-answers.md). The separators cannot occur in names.
 */
function packedRow(expiring: boolean): SQL {
  const times = [sql`f.at`, ...(expiring ? [sql`f."expiresAt"`] : [])].map(timeText);
  return sql.join([sql`f.name`, ...times], sql` || ${FIELD_END} || `);
}

/** All rows of a small find. More than {@link BATCH_ROWS}: the find is not small. */
function packedOnce(find: SQL, expiring: boolean): SQL<{ count: number; names: string | null }> {
  return sql`select count(*) as count, string_agg(${packedRow(expiring)}, ${ROW_END}) as names
    from (${find} limit ${BATCH_ROWS + 1}) f`;
}

/** A row per batch. */
function packedBatches(find: SQL, expiring: boolean): SQL<{ names: string }> {
  return sql`select string_agg(${packedRow(expiring)}, ${ROW_END} order by f.place) as names
    from (select f.*, row_number() over () as place from (${find}) f) f
    group by (f.place - 1) / ${BATCH_ROWS} order by (f.place - 1) / ${BATCH_ROWS}`;
}

function toSeconds(time: string): string {
  return `${time.slice(1, 1 + SECONDS_LENGTH)}Z`;
}

function unpack(text: string): FoundName[] {
  return text.split(ROW_END).map((row) => {
    const [name = '', at = '', expiresAt] = row.split(FIELD_END);
    const found = { name, versionCreatedAt: toSeconds(at) };
    return expiresAt === undefined ? found : { ...found, expiresAt: toSeconds(expiresAt) };
  });
}

/** Most finds are small: one round trip. What is bigger, or takes longer than a read may, gets a cursor. */
function findOver(kind: SourceKind, expiring: boolean) {
  const find = (p: Parameters<FindValues>): SQL =>
    expiring ? expiringFind(SOURCES[kind](p), p.expiresBefore) : plainFind(SOURCES[kind](p));
  return {
    few: defineStatement((p: Parameters<FindValues>) => packedOnce(find(p), expiring)),
    all: defineStatement((p: Parameters<FindValues>) => packedBatches(find(p), expiring)),
  };
}

const foldersOver = (kind: SourceKind) =>
  defineStatement(
    (p: Parameters<SourceValues>) => sql<{ path: string }>`
      select distinct array_to_string((string_to_array(${c.name}, '/'))[1:depth], '/') || '/' collate "C" as path
      from (${SOURCES[kind](p)}) ${c}, generate_series(1, length(${c.name}) - length(replace(${c.name}, '/', ''))) as depth
      order by path`,
  );

const byKind = <T>(make: (kind: SourceKind) => T): Record<SourceKind, T> => ({
  folder: make('folder'),
  readableFolder: make('readableFolder'),
  like: make('like'),
  readableLike: make('readableLike'),
  likeInFolders: make('likeInFolders'),
});

export function createFind(db: Database): Pick<CredentialRecords, 'find' | 'paths'> {
  const plain = byKind((kind) => findOver(kind, false));
  const expiring = byKind((kind) => findOver(kind, true));
  const folders = byKind(foldersOver);

  async function* find({ access, by, expiresBefore }: FindQuery): AsyncGenerator<readonly FoundName[]> {
    if (!storable('path' in by ? by.path : by.nameLike)) return;
    const source = await chooseSource(db, by, access.actor);
    const { few, all } = (expiresBefore === undefined ? plain : expiring)[source.kind];
    const values = expiresBefore === undefined ? source.values : { ...source.values, expiresBefore };
    const [found] = await db.read(few, values).catch((error) => {
      if (error instanceof CredError && error.code === 'unavailable') return [];
      throw error;
    });
    if (found && found.count <= BATCH_ROWS) {
      if (found.names !== null) yield unpack(found.names);
      return;
    }
    for await (const rows of db.stream(all, values, 1)) {
      for (const row of rows) yield unpack(row.names);
    }
  }

  return {
    find,
    async paths({ access }) {
      const { kind, values } = await chooseSource(db, { path: '/' }, access.actor);
      return (await db.slowQuery(folders[kind], values)).map((row) => row.path);
    },
  };
}
