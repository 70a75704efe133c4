/**
 * The names that a find looks at, before versions are. Permission is decided inside the database: a folder find walks the index
 * range of each entry that the actor holds.
 */
import type { FindQuery } from '@credplex/core';
import { type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { holds, pathsOf, READ } from '../permissions/operations.ts';
import type { Database } from '../postgres/database.ts';
import { listOf } from '../postgres/fragments.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { likeLiteral, lowerName, textArray } from '../postgres/text.ts';
import { credential, permission } from '../schema/index.ts';

export interface SourceValues {
  readonly actor?: string | null;
  /** Names in [low, high) of the folded order. */
  readonly low?: string;
  readonly high?: string;
  readonly pattern?: string;
  /** Lists as text[] literals: what an actor with few entries reads. */
  readonly readableFolders?: string;
  readonly readableNames?: string;
}
type Values = Parameters<SourceValues>;

const k = alias(credential, 'k');
const p = alias(permission, 'p');

/** Columns of {@link credential} that statements over a source use. */
const columns = listOf([k.id, k.name, k.listedAt, k.activeId, k.transitionalId].map((column) => sql`${column}`));
const isReadEntry = (actor: SQL): SQL => sql`${p.actor} = ${actor}::text and ${p.operations} & ${READ} <> 0`;
const isInRange = ({ low, high }: Values): SQL =>
  sql`${k.nameLower} >= ${low}::text and ${k.nameLower} < ${high}::text`;
const isLike = ({ pattern }: Values): SQL => sql`${k.nameLower} like ${pattern}::text`;

const fromNames = (condition: SQL): SQL => sql`select ${columns} from ${credential} ${k} where ${condition}`;

/** Evaluated once per statement: PostgreSQL runs only the part of {@link readableInRange} that it selects. */
const readsEverything = (actor: SQL): SQL =>
  sql`exists (select from ${permission} ${p} where ${isReadEntry(actor)} and ${p.path} = '/*')`;

/**
 * An entry `/a/*` names the range /a/ of names in the entry's own spelling. An actor who reads everything needs neither a range
 * per entry nor the removal of duplicates.
 */
const readableInRange = (values: Values): SQL => sql`
  ${fromNames(sql`${isInRange(values)} and ${readsEverything(values.actor)}`)}
  union all
  (select ${columns} from ${permission} ${p}
  join ${credential} ${k} on ${k.nameLower} >= greatest(lower(left(${p.path}, -1)), ${values.low}::text)
    and ${k.nameLower} < least(lower(left(${p.path}, -2)) || '0', ${values.high}::text)
    and starts_with(${k.name}, left(${p.path}, -1))
  where ${isReadEntry(values.actor)} and ${p.path} like '%/*' and not ${readsEverything(values.actor)}
  union
  select ${columns} from ${permission} ${p}
  join ${credential} ${k} on ${k.nameLower} = lower(${p.path}) and ${k.name} = ${p.path}
  where ${isReadEntry(values.actor)} and ${isInRange(values)} and not ${readsEverything(values.actor)})`;

/** Each is a query that statements take as `c`. */
export const SOURCES = {
  folder: (values: Values) => fromNames(isInRange(values)),
  readableFolder: readableInRange,
  like: (values: Values) => fromNames(isLike(values)),
  readableLike: (values: Values) =>
    fromNames(sql`${isLike(values)} and ${holds(values.actor, pathsOf(sql`${k.name}`), READ)}`),
  // A few prefixes are compared much faster than the candidate paths of each name are made.
  likeInFolders: (values: Values) =>
    fromNames(sql`${isLike(values)} and (${k.name} ^@ any(${values.readableFolders}::text[])
      or ${k.name} = any(${values.readableNames}::text[]))`),
} as const;
export type SourceKind = keyof typeof SOURCES;

/** Up to this many entries of an actor are named in the statement. */
const FEW_ENTRIES = 64;

const READABLE_PATHS = defineStatement(
  (values: Parameters<{ actor: string }>) => sql<{ path: string }>`
    select ${p.path} from ${permission} ${p} where ${isReadEntry(values.actor)}
    order by ${p.path} <> '/*', ${p.path} limit ${FEW_ENTRIES + 1}`,
);

/** What an actor reads: everything, the entries, or too many entries to name. */
async function readablePaths(db: Database, actor: string | null): Promise<'everything' | 'many' | readonly string[]> {
  if (actor === null) return 'everything';
  const paths = (await db.read(READABLE_PATHS, { actor })).map((row) => row.path);
  if (paths.includes('/*')) return 'everything';
  return paths.length > FEW_ENTRIES ? 'many' : paths;
}

/** As `0` follows `/` in the byte order. */
function folderRange(path: string): { low: string; high: string } {
  const low = lowerName(path);
  return { low, high: `${low.slice(0, -1)}0` };
}

export async function chooseSource(
  db: Database,
  by: FindQuery['by'],
  actor: string | null,
): Promise<{ readonly kind: SourceKind; readonly values: SourceValues }> {
  if ('path' in by) {
    const range = folderRange(by.path);
    return actor === null ? { kind: 'folder', values: range } : { kind: 'readableFolder', values: { ...range, actor } };
  }
  const readable = await readablePaths(db, actor);
  const pattern = `%${likeLiteral(lowerName(by.nameLike))}%`;
  if (readable === 'everything') return { kind: 'like', values: { pattern } };
  if (readable === 'many') return { kind: 'readableLike', values: { pattern, actor } };
  const folders = readable.filter((path) => path.endsWith('/*')).map((path) => path.slice(0, -1));
  const lists = { readableFolders: textArray(folders), readableNames: textArray(readable) };
  return { kind: 'likeInFolders', values: { pattern, ...lists } };
}
