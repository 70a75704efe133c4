import postgres from 'postgres';
import { expect, test } from 'vitest';
import { createDatabase } from '../testing/index.ts';
import { migrate, readMigrations } from './migrate.ts';

const step = (number: number, text: string) => ({ number, file: `000${number}_x.sql`, text, checksum: text });

test('our own migrations have consecutive numbers', () => {
  const numbers = readMigrations().map((migration) => migration.number);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
});

test('servers that start together apply each migration once', async () => {
  const url = await createDatabase({ empty: true });
  const all = await Promise.all([1, 2, 3, 4].map(() => migrate(url)));
  expect(all).toEqual(all.map(() => ({ trigrams: true })));
});

test('a failing migration leaves nothing of any', async () => {
  const url = await createDatabase({ empty: true });
  await expect(migrate(url, [step(1, 'create table one ()'), step(2, 'create table one ()')])).rejects.toThrow();
  const sql = postgres(url, { max: 1 });
  expect(await sql`select from pg_tables where tablename in ('one', 'schema_migration')`).toHaveLength(0);
  await sql.end();
});

test('a database of a newer release, or with another text of a migration, is refused', async () => {
  const url = await createDatabase({ empty: true });
  await migrate(url, [step(1, 'create table one ()'), step(2, 'create table two ()')]);
  await expect(migrate(url, [step(1, 'create table one ()')])).rejects.toThrow(
    'of a newer release: it has migration 0002_x.sql',
  );
  await expect(migrate(url, [step(1, 'create table other ()'), step(2, 'create table two ()')])).rejects.toThrow(
    '0001_x.sql is not the one',
  );
});
