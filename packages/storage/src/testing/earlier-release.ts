import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../postgres/database.ts';
import { migrate, readMigrations } from '../postgres/migrate.ts';
import { createDatabase } from './database.ts';

/** The newest migration of the earlier release. */
const LAST_MIGRATION = 4;

/** The encryption key of its sealed values, as it is configured. */
export const EARLIER_RELEASE_KEY = { name: 'first', passphrase: 'a passphrase that only tests use' } as const;

/**
 * Creates a database with the contents of release 0.1.0, which stored both CAs of a rotating pair in one text, and returns its URL:
 *
 * | CA | its state | what it signed |
 * | --- | --- | --- |
 * | /turned, /root | the old version is transitional | /swapped and /intermediate by the old version, /signed-anew by the new one |
 * | /begun | the new version is transitional | /both, which has a transitional version of its own |
 * | /ended | rotated | /lost by the old version, its row names the new one alone |
 * | /thrice | rotated, and a third version is transitional | /lost-twice, likewise |
 * | /plain | rotated with `concatenate_cas: false` | /alone |
 * | /gone-early | deleted, no row of it left | /orphan, whose row has both versions |
 * | /gone | deleted, no row of it left | /matches-nothing, whose row has the wrong version |
 * | /twice | set twice with one key, then rotated | /of-the-first, whose row names the third version alone |
 * | /chain | its text holds two certificates | /below-chain, /given-name |
 * | (none) | | /given, set with a `ca` of two certificates |
 *
 * Below `/types` it has a credential of every type, set and generated, and beside them one cloud credential.
 */
export async function createEarlierDatabase(): Promise<string> {
  const url = await createDatabase({ empty: true });
  await fillEarlierDatabase(url);
  return url;
}

/** Fills an empty database with the migrations and rows of that release. */
export async function fillEarlierDatabase(url: string): Promise<void> {
  await migrate(
    url,
    readMigrations().filter(({ number }) => number <= LAST_MIGRATION),
  );
  const db = openDatabase(url);
  try {
    const rows = readFileSync(join(import.meta.dirname, 'earlier-release.sql'), 'utf8');
    await db.transaction((tx) => tx.script(rows));
  } finally {
    await db.close();
  }
}
