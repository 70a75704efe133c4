/**
 * Finds: names that the actor can read, newest version first, each once, in bounded memory. Permission is decided inside the
 * database: a folder find walks the index range of each entry that the actor holds.
 */
import type { CredentialRecords, FindQuery, FoundName } from '@credplex/core';
import { CredError } from '@credplex/core';
import { holds, pathsOf, READ } from '../permissions/operations.ts';
import type { Database, Value } from '../postgres/database.ts';
import { likeLiteral, lowerName, storable, textArray } from '../postgres/text.ts';

interface FoundRecord {
  readonly name: string;
  readonly at: Date;
  readonly expires_at?: Date | null;
}

/** Rows per batch; also up to how many a find is one statement on the pool of the reads. */
const batch = 500;

/** Names in [$1, $2) of the folded order: a folder is a range, as `0` follows `/` in the byte order. */
const inRange = (c: string): string => `${c}.name_lower >= $1 and ${c}.name_lower < $2`;

function folderRange(path: string): [string, string] {
  const low = lowerName(path);
  return [low, `${low.slice(0, -1)}0`];
}

const columns = (c: string): string => `${c}.id, ${c}.name, ${c}.listed_at, ${c}.active_id, ${c}.transitional_id`;

/** $1 and $2 the range, $3 the actor. `/a/*` names the range /a/ of names in the entry's own spelling. */
const readableInRange = `select ${columns('k')} from permission p
  join credential k on k.name_lower >= greatest(lower(left(p.path, -1)), $1::text) and k.name_lower < least(lower(left(p.path, -2)) || '0', $2::text)
    and starts_with(k.name, left(p.path, -1))
  where p.actor = $3::text and p.operations & ${READ} <> 0 and p.path like '%/*'
  union
  select ${columns('k')} from permission p join credential k on k.name_lower = lower(p.path) and k.name = p.path
  where p.actor = $3::text and p.operations & ${READ} <> 0 and ${inRange('k')}`;

/** What an actor reads: everything, the entries, or too many entries to name. */
type Reach = 'everything' | 'many' | readonly string[];
const fewEntries = 64;

async function reachOf(db: Database, actor: string | null): Promise<Reach> {
  if (actor === null) return 'everything';
  const rows = await db.read<{ path: string }>(
    `select path from permission where actor = $1 and operations & ${READ} <> 0 order by path <> '/*', path limit ${fewEntries + 1}`,
    [actor],
  );
  const paths = rows.map((row) => row.path);
  if (paths.includes('/*')) return 'everything';
  return paths.length > fewEntries ? 'many' : paths;
}

/** The names to look at, before versions are, with parameters $1 to at most $3. */
function sourceOf(by: FindQuery['by'], actor: string | null, reach: Reach): [string, Value[]] {
  if ('path' in by) {
    const range = folderRange(by.path);
    if (reach === 'everything') return [`select ${columns('k')} from credential k where ${inRange('k')}`, range];
    return [readableInRange, [...range, actor]];
  }
  const like = `select ${columns('k')} from credential k where k.name_lower like $1::text`;
  const pattern = `%${likeLiteral(lowerName(by.nameLike))}%`;
  if (reach === 'everything') return [like, [pattern]];
  if (reach === 'many') return [`${like} and ${holds('$2', pathsOf('k.name'), READ)}`, [pattern, actor]];
  // A few prefixes are compared much faster than the candidate paths of each name are made.
  const folders = reach.filter((path) => path.endsWith('/*')).map((path) => path.slice(0, -1));
  return [
    `${like} and (k.name ^@ any($2::text[]) or k.name = any($3::text[]))`,
    [pattern, textArray(folders), textArray(reach)],
  ];
}

function plainFind(source: string): string {
  return `select c.name, c.listed_at as at from (${source}) c where c.listed_at is not null order by c.listed_at desc, c.name`;
}

/** Of the active and the transitional version the one that ends first is shown (cloudfoundry/credhub#181 asks for both). */
function expiringFind(source: string, parameter: number): string {
  return `select c.name, v.created_at as at, v.expires_at from (${source}) c
    cross join lateral (select v.created_at, v.expires_at from credential_version v
      where v.id = any(array[c.active_id, c.transitional_id]) and v.expires_at <= $${parameter}::timestamptz
      order by v.expires_at limit 1) v
    order by at desc, c.name`;
}

function toFound(row: FoundRecord): FoundName {
  return row.expires_at === undefined
    ? { name: row.name, versionCreatedAt: row.at }
    : { name: row.name, versionCreatedAt: row.at, expiresAt: row.expires_at };
}

/**
 * A million rows as a million objects of the driver would grow the process by 100 MiB of garbage. A big find therefore comes
 * as one text per batch. The separators are no characters of names.
 */
const [fieldEnd, rowEnd] = ['\u001f', '\u001e'];
const milliseconds = (time: string): string => `(extract(epoch from ${time}) * 1000)::bigint`;

function packed(statement: string, expiring: boolean): string {
  const fields = ['f.name', milliseconds('f.at'), ...(expiring ? [milliseconds('f.expires_at')] : [])];
  return `select string_agg(${fields.join(` || '${fieldEnd}' || `)}, '${rowEnd}' order by f.place) as names
    from (select f.*, row_number() over () as place from (${statement}) f) f
    group by (f.place - 1) / ${batch} order by (f.place - 1) / ${batch}`;
}

function unpack(text: string): FoundName[] {
  return text.split(rowEnd).map((row) => {
    const [name = '', at, expiresAt] = row.split(fieldEnd);
    const found = { name, versionCreatedAt: new Date(Number(at)) };
    return expiresAt === undefined ? found : { ...found, expiresAt: new Date(Number(expiresAt)) };
  });
}

export function createFind(db: Database): Pick<CredentialRecords, 'find' | 'paths'> {
  async function* find({ access, by, expiresBefore }: FindQuery): AsyncGenerator<readonly FoundName[]> {
    if (!storable('path' in by ? by.path : by.nameLike)) return;
    const [source, values] = sourceOf(by, access.actor, await reachOf(db, access.actor));
    const statement = expiresBefore === undefined ? plainFind(source) : expiringFind(source, values.length + 1);
    if (expiresBefore !== undefined) values.push(expiresBefore);
    // Most finds are small: one round trip. What is bigger, or takes longer than a hot statement may, gets a cursor.
    const few = await db.read<FoundRecord>(`${statement} limit ${batch + 1}`, values).catch((error) => {
      if (error instanceof CredError && error.code === 'unavailable') return undefined;
      throw error;
    });
    if (few && few.length <= batch) {
      if (few.length > 0) yield few.map(toFound);
      return;
    }
    for await (const rows of db.stream<{ names: string }>(packed(statement, expiresBefore !== undefined), values, 1)) {
      for (const row of rows) yield unpack(row.names);
    }
  }

  return {
    find,
    async paths({ access }) {
      const [source, values] = sourceOf({ path: '/' }, access.actor, await reachOf(db, access.actor));
      const rows = await db.slowQuery<{ path: string }>(
        `select distinct array_to_string((string_to_array(c.name, '/'))[1:depth], '/') || '/' collate "C" as path
         from (${source}) c, generate_series(1, length(c.name) - length(replace(c.name, '/', ''))) as depth order by path`,
        values,
      );
      return rows.map((row) => row.path);
    },
  };
}
