import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getTableColumns } from 'drizzle-orm';
import { getTableConfig } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../postgres/database.ts';
import { readMigrations } from '../postgres/migrate.ts';
import { createDatabase } from '../testing/index.ts';
import { SEALED_TABLES, tableNameOf } from '../vault/sealed-tables.ts';
import * as schema from './index.ts';

const DOCS = join(import.meta.dirname, '../../../../docs');
const TABLES = Object.values(schema).map((table) => ({ ...getTableConfig(table), fields: getTableColumns(table) }));
/** The table of the migration runner. */
const UNDOCUMENTED = ['schema_migration'];

let db: Database;
beforeAll(async () => {
  db = openDatabase(await createDatabase());
});
afterAll(() => db.close());

test('docs/reference/storage.md describes every table', async () => {
  const text = readFileSync(join(DOCS, 'reference/storage.md'), 'utf8');
  const tables = await db.slowQuery<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public'",
  );
  expect(tables.map(({ name }) => name).filter((name) => !text.includes(`| \`${name}\` |`))).toEqual([]);
});

test('a key rotation covers every table with sealed bytes', () => {
  const sealed = TABLES.filter(({ fields }) => 'sealed' in fields).map(({ name }) => name);
  expect(SEALED_TABLES.map(tableNameOf).sort()).toEqual(sealed.sort());
});

test('the schema names every table and column of a migrated database, and whether it may be null', async () => {
  const rows = await db.slowQuery<{ table: string; column: string; nullable: boolean }>(
    `select table_name as table, column_name as column, is_nullable = 'YES' as nullable
     from information_schema.columns where table_schema = 'public' order by table_name, ordinal_position`,
  );
  const described = TABLES.toSorted((a, b) => (a.name < b.name ? -1 : 1)).flatMap(({ name, fields }) =>
    Object.values(fields).map((column) => ({ table: name, column: column.name, nullable: !column.notNull })),
  );
  expect(described).toEqual(rows.filter(({ table }) => !UNDOCUMENTED.includes(table)));
});

test('a migration that drops or rewrites a column or a table is named in a decision record', () => {
  const folder = join(DOCS, 'decisions');
  const decisions = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  const destructive = /\bdrop\s+(column|table)\b|\balter\s+(column\s+)?"?\w+"?\s+(set\s+data\s+)?type\b|^\s*update\b/im;
  const unexplained = readMigrations()
    .filter(({ text }) => destructive.test(text))
    .filter(({ file }) => !decisions.some((decision) => decision.includes(file)));
  expect(unexplained.map(({ file }) => file)).toEqual([]);
});

test('no file outside the schema contains a column name of two words', () => {
  const sources = join(import.meta.dirname, '..');
  const names = TABLES.flatMap(({ fields }) => Object.values(fields).map((column) => column.name));
  const words = new RegExp(`\\b(${[...new Set(names)].filter((name) => name.includes('_')).join('|')})\\b`);
  const isCode = (file: string): boolean =>
    file.endsWith('.ts') && !/\.test\.ts$|^(schema|testing|conformance)\//.test(file);
  const found = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter(isCode)
    .flatMap((file) => {
      const code = readFileSync(join(sources, file), 'utf8').replaceAll(/\/\*\*?[\s\S]*?\*\/|\/\/.*/g, '');
      return words.test(code) ? [`${file}: ${words.exec(code)?.[0]}`] : [];
    });
  expect(found).toEqual([]);
});
