/**
 * Checks for `pnpm check` that `src/schema/` and `src/schema/migrations/` agree. Compares a database built by the migrations with
 * one built from the schema, and checks that no migration is left to generate since the last snapshot.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DrizzleSnapshotJSON, generateDrizzleJson, generateMigration } from 'drizzle-kit/api';
import postgres from 'postgres';
import { migrate } from '../src/postgres/migrate.ts';
import * as schema from '../src/schema/index.ts';
import { startPostgres } from '../src/testing/postgres.ts';
import { describeCatalog } from './catalog.ts';

const META = join(import.meta.dirname, '../src/schema/migrations/meta');
const described = generateDrizzleJson(schema) as DrizzleSnapshotJSON;

function lastSnapshot(): DrizzleSnapshotJSON {
  const file = readdirSync(META)
    .filter((name) => name.endsWith('_snapshot.json'))
    .sort()
    .at(-1);
  return JSON.parse(readFileSync(join(META, file ?? ''), 'utf8')) as DrizzleSnapshotJSON;
}

async function catalogOf(
  admin: postgres.Sql,
  name: string,
  fill: (url: string) => Promise<unknown>,
): Promise<string[]> {
  await admin.unsafe(`create database ${name}`);
  const url = new URL(`postgres://${admin.options.user}@${admin.options.host[0]}:${admin.options.port[0]}/${name}`)
    .href;
  await fill(url);
  const sql = postgres(url, { max: 1 });
  try {
    return await describeCatalog(sql);
  } finally {
    await sql.end();
  }
}

async function createFromSchema(url: string): Promise<void> {
  const sql = postgres(url, { max: 1 });
  try {
    const empty = generateDrizzleJson({}) as DrizzleSnapshotJSON;
    for (const statement of await generateMigration(empty, described)) await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}

async function findDifferences(): Promise<string[]> {
  const ungenerated = await generateMigration(lastSnapshot(), described);
  const server = await startPostgres();
  const admin = postgres(server.url, { max: 1 });
  try {
    const migrated = await catalogOf(admin, 'migrated', migrate);
    const fromSchema = await catalogOf(admin, 'from_schema', createFromSchema);
    return [
      ...ungenerated.map((statement) => `missing in the migrations: ${statement}`),
      ...migrated.filter((line) => !fromSchema.includes(line)).map((line) => `only in the migrations: ${line}`),
      ...fromSchema.filter((line) => !migrated.includes(line)).map((line) => `only in src/schema: ${line}`),
    ];
  } finally {
    await admin.end();
    await server.stop();
  }
}

const differences = await findDifferences();
for (const difference of differences) process.stdout.write(`${difference}\n`);
if (differences.length > 0) process.stdout.write('See docs/reference/storage.md, "A new migration".\n');
process.exit(differences.length === 0 ? 0 : 1);
