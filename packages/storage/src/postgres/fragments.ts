/** Pieces of SQL over the schema that statements are made of. */
import { type Column, type GetColumnData, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

/** What a statement selects, by the names of its result. */
export type Selection = Readonly<Record<string, PgColumn | SQL>>;

/** A row as the driver gives it for a {@link Selection}: the connections of `database.ts` read a bigint as a number. */
export type RowOf<Selected extends Selection> = {
  readonly [Name in keyof Selected]: Selected[Name] extends SQL<infer Type>
    ? Type
    : Selected[Name] extends Column
      ? GetColumnData<Selected[Name]>
      : never;
};

/** The same row where an outer join may have found nothing. */
export type NullableRow<Row> = { readonly [Name in keyof Row]: Row[Name] | null };

export const listOf = (parts: readonly SQL[]): SQL => sql.join([...parts], sql`, `);

/** `a.b as "name", …` for `select` and `returning`. */
export const select = (selection: Selection): SQL =>
  listOf(Object.entries(selection).map(([name, field]) => sql`${field} as ${sql.identifier(name)}`));

/** The bare name of a column, as `insert into t (…)`, `set … =` and `on conflict (…)` want it. */
export const nameOf = (column: Column): SQL => sql`${sql.identifier(column.name)}`;

/** Bare names of columns, separated by commas. */
export const namesOf = (columns: readonly Column[]): SQL => listOf(columns.map(nameOf));

/** The value that `on conflict do update` could not insert. */
export const excluded = (column: Column): SQL => sql`excluded.${nameOf(column)}`;

/** The type of a column, for casts. */
export const typeOf = (column: PgColumn): SQL => sql.raw(column.getSQLType());

/** `"name" type, …`: how `json_to_recordset` reads objects whose fields are kept in these columns. */
export const recordDefinition = (columns: Readonly<Record<string, PgColumn>>): SQL =>
  listOf(Object.entries(columns).map(([name, column]) => sql`${sql.identifier(name)} ${typeOf(column)}`));
