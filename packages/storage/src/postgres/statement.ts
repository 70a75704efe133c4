/**
 * Statements of the request path: written with drizzle's `sql` over the schema, compiled to text once, and then only bound and
 * executed. Parameters have names; each gets one number however often it stands in the text, and one that does not stand in it
 * is not sent. Other interpolated values become literals.
 */
import { is, Param, Placeholder, type SQL, sql } from 'drizzle-orm';
import { CasingCache } from 'drizzle-orm/casing';
import { PgDialect } from 'drizzle-orm/pg-core';

export type Value = string | number | boolean | Date | Uint8Array | null;

/** SQL for each value of a statement, by its name. */
export type Parameters<Values> = { readonly [Name in keyof Values]-?: SQL<Values[Name]> };

export interface Statement<Values, Row> {
  readonly text: string;
  /** Returns the values in the order of the text's parameters. */
  bind(values: Values): Value[];
  /** The type of a row of the answer; never set. */
  readonly row?: Row;
}

const dialect = new PgDialect();
const casing = new CasingCache();

function placeholders<Values>(): Parameters<Values> {
  const placeholder = (_: object, name: string | symbol): SQL => sql`${sql.placeholder(String(name))}`;
  return new Proxy({}, { get: placeholder }) as Parameters<Values>;
}

function nameOf(value: unknown): string {
  const inner = is(value, Param) ? value.value : value;
  if (!is(inner, Placeholder)) throw new Error('a statement takes values by name only');
  return inner.name;
}

/**
 * Compiles a statement.
 *
 * @example
 * const byName = defineStatement((p: Parameters<{ name: string }>) => sql<{ id: string }>`
 *   select ${columns({ id: user.id })} from ${user} where ${user.name} = ${p.name}`);
 * const rows = await db.read(byName, { name });
 */
export function defineStatement<Values, Row = object>(
  build: (parameters: Parameters<Values>) => SQL<Row>,
): Statement<Values, Row> {
  const names: (keyof Values)[] = [];
  const text = build(placeholders<Values>()).toQuery({
    casing,
    escapeName: (name) => dialect.escapeName(name),
    escapeString: (value) => dialect.escapeString(value),
    escapeParam(_, value) {
      const name = nameOf(value) as keyof Values;
      const known = names.indexOf(name);
      return `$${known < 0 ? names.push(name) : known + 1}`;
    },
    inlineParams: true,
  }).sql;
  return { text, bind: (values) => names.map((name) => values[name] as Value) };
}
