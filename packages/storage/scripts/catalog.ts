/** Describes a database from the catalog of PostgreSQL: one line per column, constraint and index. */
import type postgres from 'postgres';

/** Created by the migration runner and not by a migration: its table, and an index where the server offers `pg_trgm`. */
const CREATED_BY_MIGRATE = ['schema_migration', 'schema_migration_pkey', 'credential_name_trigrams'];

const COLUMNS = `
  select c.relname as owner, 'column ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
    || case when co.collname = 'default' or co.collname is null then '' else ' collate ' || co.collname end
    || case when a.attnotnull then ' not null' else '' end
    || case a.attidentity when '' then '' else ' identity ' || a.attidentity::text end
    || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') as line
  from pg_attribute a join pg_class c on c.oid = a.attrelid
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  left join pg_collation co on co.oid = a.attcollation
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped`;

/** Primary key, unique, foreign key and check constraints. Not null is part of the column's line. */
const CONSTRAINTS = `
  select c.relname as owner, 'constraint ' || n.conname || ' ' || pg_get_constraintdef(n.oid) as line
  from pg_constraint n join pg_class c on c.oid = n.conrelid
  where c.relnamespace = 'public'::regnamespace and n.contype in ('p', 'u', 'f', 'c')`;

const INDEXES = `
  select i.relname as owner, 'index ' || pg_get_indexdef(i.oid) as line
  from pg_index x join pg_class i on i.oid = x.indexrelid
  where i.relnamespace = 'public'::regnamespace`;

export async function describeCatalog(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql.unsafe<{ owner: string; line: string }[]>(
    `${COLUMNS} union all ${CONSTRAINTS} union all ${INDEXES} order by 1, 2`,
  );
  return rows
    .filter(({ owner, line }) => ![owner, ...line.split(' ')].some((word) => CREATED_BY_MIGRATE.includes(word)))
    .map(({ owner, line }) => `${owner}: ${line}`);
}
