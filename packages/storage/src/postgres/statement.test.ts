import { eq, sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { credential } from '../schema/index.ts';
import { type RowOf, recordDefinition, select } from './fragments.ts';
import { defineStatement, type Parameters } from './statement.ts';

test('a value has one number however often it stands in the text, and one that does not stand there is not sent', () => {
  const statement = defineStatement(
    (p: Parameters<{ first: string; second: number; unused: string }>) =>
      sql`select ${p.second}::int, ${p.first}::text, ${p.second}::int`,
  );
  expect(statement.text).toBe('select $1::int, $2::text, $1::int');
  expect(statement.bind({ first: 'a', second: 2, unused: 'b' })).toEqual([2, 'a']);
});

test('columns come from the schema, constants become escaped literals', () => {
  const columns = { id: credential.id, nameLower: credential.nameLower };
  const statement = defineStatement(
    (p: Parameters<{ type: string }>) => sql<RowOf<typeof columns>>`
      select ${select(columns)} from ${credential} where ${credential.type} = ${p.type} and ${eq(credential.name, "it's")} limit ${5}`,
  );
  expect(statement.text.trim()).toBe(
    `select "credential"."id" as "id", "credential"."name_lower" as "nameLower" from "credential"` +
      ` where "credential"."type" = $1 and "credential"."name" = 'it''s' limit 5`,
  );
});

test('a record definition names fields and types of columns', () => {
  const statement = defineStatement(() => recordDefinition({ at: credential.listedAt, count: credential.seq }));
  expect(statement.text).toBe('"at" timestamp with time zone, "count" bigint');
});
