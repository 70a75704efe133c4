/** Loads names by COPY, as rows that the server opens: each value is sealed with the server's key. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { secret } from '@credplex/core';
import { openStorage, type Storage } from '@credplex/storage';
import postgres from 'postgres';
import { benchName } from './seed.ts';

const CHUNK_ROWS = 5_000;
const VALUE = JSON.stringify('a-value-of-thirty-characters-x');

interface Target {
  readonly databaseUrl: string;
  /** Folder of the server, which has its encryption key. */
  readonly dataDir: string;
}

/** Yields the text of COPY, in chunks. */
function* linesOf(count: number, line: (n: number) => string): Generator<string> {
  for (let start = 0; start < count; start += CHUNK_ROWS) {
    const length = Math.min(CHUNK_ROWS, count - start);
    yield Array.from({ length }, (_, i) => line(start + i)).join('');
  }
}

/** Returns the line of a version, with its value sealed as the server seals it (docs/reference/storage.md#sealed-columns). */
function versionLine({ keyRing }: Pick<Storage, 'keyRing'>, id: string, credentialId: string, at: string): string {
  const sealed = keyRing.seal({ purpose: 'credhub', id, path: `credhub/${id}` }, { value: secret(VALUE) });
  const bytes = Buffer.from(sealed.bytes).toString('hex');
  return `${id}\t${credentialId}\t1\t${at}\t${sealed.keyId}\t${sealed.format}\t\\\\x${bytes}\n`;
}

/** Loads passwords with one version each, named as {@link benchName} says. @returns ids of up to 1,000 versions */
export async function copyNames({ databaseUrl, dataDir }: Target, count: number): Promise<string[]> {
  const storage = await openStorage({
    databaseUrl: secret(databaseUrl),
    dataDir,
    purpose: 'operate',
    encryption: { keys: [], generatedFile: join(dataDir, 'encryption.key') },
    vault: { kind: 'sql' },
  });
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  const at = new Date().toISOString();
  const rows = Array.from({ length: count }, () => [randomUUID(), randomUUID()] as const);
  const row = (n: number): readonly [string, string] => rows[n] ?? ['', ''];
  try {
    const names =
      await sql`copy credential (id, name, name_lower, type, seq, active_id, listed_at) from stdin`.writable();
    const nameLine = (n: number): string => {
      const [id, version] = row(n);
      return `${id}\t${benchName(n)}\t${benchName(n)}\tpassword\t1\t${version}\t${at}\n`;
    };
    await pipeline(Readable.from(linesOf(count, nameLine)), names);
    const versions =
      await sql`copy credential_version (id, credential_id, seq, created_at, key_id, format, sealed) from stdin`.writable();
    const line = (n: number): string => versionLine(storage, row(n)[1], row(n)[0], at);
    await pipeline(Readable.from(linesOf(count, line)), versions);
    await sql`vacuum analyze`;
    return rows.slice(0, 1_000).map(([, version]) => version);
  } finally {
    await sql.end();
    await storage.close();
  }
}
