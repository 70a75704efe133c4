/**
 * The schema comes from numbered files in `migrations/`: forward only, each applied once, all that are missing in one
 * transaction under an advisory lock, so that servers that start together never meet half a schema. Another family of
 * tables adds the next number and nothing else.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { connectionOptions } from './connection-options.ts';

interface Migration {
  readonly number: number;
  readonly file: string;
  readonly text: string;
  readonly checksum: string;
}

/** Any number that nothing else in the database uses. */
const lock = 727_002;

export function readMigrations(folder: string = join(import.meta.dirname, 'migrations')): Migration[] {
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
  const sql = postgres({ ...connectionOptions(url), max: 1, fetch_types: false, onnotice: () => {} });
  try {
    return await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(${lock})`;
      await tx`create table if not exists schema_migration (
        number integer primary key, file text not null, checksum text not null, applied_at timestamptz not null default now())`;
      const applied = new Map<number, { file: string; checksum: string }>();
      for (const row of await tx`select number, file, checksum from schema_migration`) {
        applied.set(row.number, { file: row.file, checksum: row.checksum });
      }
      for (const [number, { file, checksum }] of applied) {
        const known = migrations.find((migration) => migration.number === number);
        if (!known)
          throw new Error(
            `the database is of a newer release: it has migration ${file}, which this release does not know`,
          );
        if (known.checksum !== checksum)
          throw new Error(`migration ${known.file} is not the one that the database was made with`);
      }
      for (const { number, file, text, checksum } of migrations) {
        if (applied.has(number)) continue;
        await tx.unsafe(text).simple();
        await tx`insert into schema_migration (number, file, checksum) values (${number}, ${file}, ${checksum})`;
      }
      return { trigrams: await ensureTrigrams(tx) };
    });
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/**
 * The index for name-like finds needs the extension pg_trgm, which an outside database may not offer. Looked at on every
 * start, so that it may come later.
 */
async function ensureTrigrams(tx: postgres.TransactionSql): Promise<boolean> {
  if ((await tx`select from pg_indexes where indexname = 'credential_name_trigrams'`).length > 0) return true;
  if ((await tx`select from pg_class where relname = 'credential'`).length === 0) return false;
  try {
    await tx.savepoint(async (inner) => {
      await inner`create extension if not exists pg_trgm`;
      await inner`create index credential_name_trigrams on credential using gin (name_lower gin_trgm_ops)`;
    });
    return true;
  } catch {
    return false;
  }
}
