import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../terminal/host.ts';
import { configFolder } from './config-file.ts';

/** The entries of a file that a server has accepted. Stored next to the configuration after a failed import. */
export interface ImportRecord {
  readonly path: string;
  /** Places in the file, from 0. */
  readonly set: ReadonlySet<number>;
}

/** The record of the last run of exactly this file against this server; empty when there is none. */
export function importRecord(host: Host, apiUrl: string, file: Uint8Array): ImportRecord {
  // The hash only tells files apart: the record holds no name and no value.
  const hash = createHash('sha256').update(apiUrl).update('\0').update(file).digest('hex').slice(0, 32);
  const path = join(configFolder(host), `import-${hash}.json`);
  return { path, set: readSet(path) };
}

function readSet(path: string): ReadonlySet<number> {
  try {
    const document: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return new Set(Array.isArray(document) ? document.filter((item) => Number.isInteger(item)) : []);
  } catch {
    return new Set();
  }
}

/** Stores the record. A failure is ignored: then --resume starts from the beginning. */
export function rememberImport(record: ImportRecord, set: ReadonlySet<number>): void {
  try {
    mkdirSync(join(record.path, '..'), { recursive: true, mode: 0o755 });
    writeFileSync(record.path, JSON.stringify([...set].sort((a, b) => a - b)), { mode: 0o600 });
  } catch {
    // See above.
  }
}

export function forgetImport(record: ImportRecord): void {
  rmSync(record.path, { force: true });
}
