/**
 * Applies the numbered files of `schema/migrations/`: forward only, each applied once, all that are missing in one
 * transaction under an advisory lock, so that servers that start together never meet half a schema.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { credential } from '../schema/index.ts';
import { openDatabase, type Transaction } from './database.ts';
import { databaseCode } from './errors.ts';
import { nameOf } from './fragments.ts';
import { defineStatement } from './statement.ts';

interface Migration {
  readonly number: number;
  readonly file: string;
  readonly text: string;
  readonly checksum: string;
}

interface Applied {
  readonly number: number;
  readonly file: string;
  readonly checksum: string;
}

const TRIGRAM_INDEX = defineStatement(
  () =>
    sql`create index credential_name_trigrams on ${credential} using gin (${nameOf(credential.nameLower)} gin_trgm_ops)`,
);

/** Any number that nothing else in the database uses. Steps in code that belong to a migration take the lock too. */
export const MIGRATION_LOCK = 727_002;

export function readMigrations(folder: string = join(import.meta.dirname, '../schema/migrations')): Migration[] {
  const files = readdirSync(folder).filter((file) => /^\d{4}_.*\.sql$/.test(file));
  return files.sort().map((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    return { number: Number(file.slice(0, 4)), file, text, checksum: createHash('sha256').update(text).digest('hex') };
  });
}

/**
 * Brings the database at `url` to our schema. @throws Error with one clear line when the database is of a newer release, or when
 * a migration that it has is not the one we know.
 */
export async function migrate(
  url: string,
  migrations: readonly Migration[] = readMigrations(),
): Promise<{ trigrams: boolean }> {
  const db = openDatabase(url, { sizes: { slow: 1 } });
  try {
    return await db.transaction(async (tx) => {
      await tx.run('set local statement_timeout = 0');
      await tx.run('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
      await tx.run(`create table if not exists schema_migration (
        number integer primary key, file text not null, checksum text not null, applied_at timestamptz not null default now())`);
      const applied = await tx.run<Applied>('select number, file, checksum from schema_migration');
      for (const { number, file, checksum } of applied) {
        const known = migrations.find((migration) => migration.number === number);
        if (!known) {
          throw new Error(
            `the database is of a newer release: it has migration ${file}, which this release does not know`,
          );
        }
        if (known.checksum !== checksum) {
          throw new Error(`migration ${known.file} is not the one that the database was made with`);
        }
      }
      for (const { number, file, text, checksum } of migrations) {
        if (applied.some((row) => row.number === number)) continue;
        await tx.script(text);
        await tx.run('insert into schema_migration (number, file, checksum) values ($1, $2, $3)', [
          number,
          file,
          checksum,
        ]);
      }
      return { trigrams: await ensureTrigrams(tx) };
    });
  } finally {
    await db.close();
  }
}

/**
 * The index for name-like finds needs the extension pg_trgm, which an outside database may not offer. Looked at on every
 * start, so that it may come later.
 */
async function ensureTrigrams(tx: Transaction): Promise<boolean> {
  const [found] = await tx.run<{ has_index: boolean; has_table: boolean }>(
    "select to_regclass('credential_name_trigrams') is not null as has_index, to_regclass('credential') is not null as has_table",
  );
  if (found?.has_index || !found?.has_table) return found?.has_index ?? false;
  await tx.run('savepoint trigrams');
  try {
    await tx.run('create extension if not exists pg_trgm');
    await tx.run(TRIGRAM_INDEX.text);
    return true;
  } catch (error) {
    if (databaseCode(error) === undefined) throw error;
    await tx.run('rollback to savepoint trigrams');
    return false;
  }
}
