import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getTableColumns } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../postgres/database.ts';
import { createDatabase } from '../testing/index.ts';
import { SEALED_TABLES } from '../vault/sealed-tables.ts';
import { auditEvent } from './audit.ts';

let db: Database;
beforeAll(async () => {
  db = openDatabase(await createDatabase());
});
afterAll(() => db.close());

test('docs/reference/storage.md tells every table', async () => {
  const text = readFileSync(join(import.meta.dirname, '../../../../docs/reference/storage.md'), 'utf8');
  const tables = await db.cold<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public'",
  );
  expect(tables.map(({ name }) => name).filter((name) => !text.includes(`| \`${name}\` |`))).toEqual([]);
});

test('every table with sealed bytes is walked by a key rotation', async () => {
  const rows = await db.cold<{ name: string }>(
    "select table_name as name from information_schema.columns where table_schema = 'public' and column_name = 'sealed' order by 1",
  );
  expect(SEALED_TABLES.map(({ table }) => table).sort()).toEqual(rows.map(({ name }) => name));
});

test("drizzle's view of a table is the database's", async () => {
  const rows = await db.cold<{ name: string; nullable: boolean }>(
    "select column_name as name, is_nullable = 'YES' as nullable from information_schema.columns where table_name = 'audit_event' order by ordinal_position",
  );
  expect(Object.values(getTableColumns(auditEvent)).map(({ name, notNull }) => ({ name, nullable: !notNull }))).toEqual(
    rows,
  );
});
