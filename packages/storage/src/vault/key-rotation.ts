/**
 * Seals every value again under the active key or into the active vault: a key rotation, and the way from one vault to the
 * other. Resumable: what is done is not met again. Reads and writes go on meanwhile.
 */
import { randomUUID } from 'node:crypto';
import {
  CredError,
  type Intents,
  isCertainlyUnwritten,
  type Sealed,
  type SecretRef,
  type SecretVault,
} from '@credplex/core';
import type { Database } from '../postgres/database.ts';
import { isRemoteKey } from './key-ids.ts';
import { SEALED_TABLES, type SealedTable } from './sealed-tables.ts';
import { countKeys } from './used-keys.ts';

export interface ResealProgress {
  readonly table: string;
  /** So far, in all tables. */
  readonly resealed: number;
  /** Left as they were: the key is not configured here, or the value does not open. */
  readonly unknownKey: number;
  readonly failed: number;
  /** Of the first row that was left; undefined when none was. */
  readonly failure: unknown;
}

interface ResealDeps {
  readonly sql: Database;
  readonly vault: SecretVault;
  readonly keyRing: SecretVault;
  readonly intents: Intents;
}

interface SealedRecord {
  readonly id: string;
  readonly ref: string;
  readonly path: string;
  readonly key_id: string;
  readonly format: number;
  readonly sealed: Uint8Array;
}

const lowest = { uuid: '00000000-0000-0000-0000-000000000000', text: '' } as const;

const batchOf = ({ table, id, idType, ref, path, keyId, format, sealed, where }: SealedTable): string =>
  `select ${id}::text as id, ${ref} as ref, ${path} as path, ${keyId} as key_id, ${format} as format, ${sealed} as sealed
   from ${table} where ${keyId} <> $1 and ${id} > $2::${idType} and ${where} order by ${id} limit $3`;

/** Only while the row is still what was opened. A document that leaves a remote vault becomes the sweeper's. */
const replaceOf = ({ table, id, idType, purpose, keyId, format, sealed }: SealedTable): string =>
  `with changed as (
     update ${table} set ${keyId} = $5::text, ${format} = $6::smallint, ${sealed} = $7::bytea
     where ${id} = $1::${idType} and ${keyId} = $2::text and ${format} = $3::smallint and ${sealed} = $4::bytea
       and ($8::uuid is null or exists (select from intent where intent.id = $8::uuid and not sweeping))
     returning ${id}),
   kept as (delete from intent where intent.id = $8::uuid and exists (select from changed)),
   orphan as (insert into intent (id, path, purpose, ref, key_id, sweeping)
     select $9::uuid, $10::text, '${purpose}', $11::text, $2::text, true from changed where $9::uuid is not null)
   select from changed`;

async function resealRow(
  deps: ResealDeps,
  table: SealedTable,
  target: SecretVault,
  row: SealedRecord,
): Promise<boolean> {
  const ref: SecretRef = { purpose: table.purpose, id: row.ref, path: row.path };
  const from: Sealed = { keyId: row.key_id, format: row.format, bytes: row.sealed };
  const document = await (table.purpose === 'shared' ? deps.keyRing : deps.vault).open(ref, from);
  const intent = target.remote ? await deps.intents.open(ref.path, { ...ref, keyId: target.activeKeyId() }) : null;
  let sealed: Sealed;
  try {
    sealed = await target.seal(ref, document);
  } catch (error) {
    // A taken path: another replica is at it, or an earlier try died, and then its own intent brings the sweeper.
    if (intent !== null && isCertainlyUnwritten(error)) await deps.intents.close(intent);
    throw error;
  }
  const orphan = isRemoteKey(from.keyId) && from.keyId !== sealed.keyId ? randomUUID() : null;
  const values = [
    row.id,
    from.keyId,
    from.format,
    from.bytes,
    sealed.keyId,
    sealed.format,
    sealed.bytes,
    intent,
    orphan,
    row.path,
    row.ref,
  ];
  const changed = await deps.sql.write(replaceOf(table), values);
  if (changed.length > 0) return true;
  if (intent !== null) {
    await target.destroy(ref, sealed.keyId);
    await deps.intents.close(intent);
  }
  return false;
}

/** Rows in a row that fail as in an outage, although database and vault answer, end a rotation. */
const MAX_OUTAGES = 20;

const isOutage = (error: unknown): boolean =>
  error instanceof CredError && (error.code === 'unavailable' || error.code === 'vault_unavailable');

const isRefusal = (error: unknown): boolean => error instanceof CredError && error.code === 'vault_refused';

/** Tells an outage from a row that fails alone. @throws CredError `unavailable`, `vault_unavailable`, `vault_refused` */
async function requireBackends({ sql, vault }: ResealDeps): Promise<void> {
  await sql.ping();
  await vault.check();
}

/**
 * Walks all tables in batches; a row that fails is counted and left for the next walk.
 * @throws CredError `unavailable`, `vault_unavailable` or `vault_refused`: call again later
 */
export async function resealAll(
  deps: ResealDeps,
  options: { batch?: number; signal?: AbortSignal; onProgress?: (progress: ResealProgress) => void } = {},
): Promise<ResealProgress> {
  const count = { resealed: 0, unknownKey: 0, failed: 0 };
  const { batch = 50, signal, onProgress } = options;
  let failure: unknown;
  let last: ResealProgress = { table: '', ...count, failure };
  let outages = 0;
  for (const table of SEALED_TABLES) {
    const target = table.purpose === 'shared' ? deps.keyRing : deps.vault;
    let after: string = lowest[table.idType];
    while (!signal?.aborted) {
      const rows = await deps.sql.slowQuery<SealedRecord>(batchOf(table), [target.activeKeyId(), after, batch]);
      for (const row of rows) {
        try {
          if (await resealRow(deps, table, target, row)) count.resealed += 1;
          outages = 0;
        } catch (error) {
          if (isOutage(error) || isRefusal(error)) await requireBackends(deps);
          outages = isOutage(error) ? outages + 1 : 0;
          failure ??= error;
          if (outages === MAX_OUTAGES) throw error;
          if (error instanceof CredError && error.code === 'encryption_key_missing') count.unknownKey += 1;
          else count.failed += 1;
        }
      }
      last = { table: table.table, ...count, failure };
      if (rows.length > 0) onProgress?.(last);
      const end = rows.at(-1);
      if (rows.length < batch || !end) break;
      after = end.id;
    }
  }
  return last;
}

/** Sealed values of all tables by their key: a key that is not here may be retired. */
export function usedKeys(sql: Database): Promise<Map<string, number>> {
  return countKeys({ run: sql.slowQuery });
}
