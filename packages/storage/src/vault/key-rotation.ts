/**
 * Reseals every value under the active key or into the active vault, after a key rotation or a change of vault. Resumable: the
 * query selects only rows that are not resealed yet. Reads and writes continue meanwhile.
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
import { ROTATED_TABLES, type RotatedRow, type RotatedTable } from './rotation-statements.ts';
import { toSealed } from './sealed-row.ts';
import { countUsedKeys } from './used-keys.ts';
import { vaultOwning } from './vaults.ts';

export interface ResealProgress {
  readonly table: string;
  /** Count so far, over all tables. */
  readonly resealed: number;
  /** Rows left unchanged because their key is not configured here. */
  readonly unknownKey: number;
  /** Rows left unchanged because their value could not be opened or sealed. */
  readonly failed: number;
  /** Error of the first row that was left unchanged; `undefined` without one. */
  readonly failure: unknown;
}

interface ResealDeps {
  readonly sql: Database;
  readonly vault: SecretVault;
  readonly keyRing: SecretVault;
  readonly intents: Intents;
}

async function resealRow(
  deps: ResealDeps,
  table: RotatedTable,
  target: SecretVault,
  row: RotatedRow,
): Promise<boolean> {
  const ref: SecretRef = { purpose: table.purpose, id: row.ref, path: row.path };
  const from = toSealed(row);
  const document = await (table.purpose === 'shared' ? deps.keyRing : deps.vault).open(ref, from);
  const intentId = target.remote ? await deps.intents.open(ref.path, { ...ref, keyId: target.activeKeyId() }) : null;
  let sealed: Sealed;
  try {
    sealed = await target.seal(ref, document);
  } catch (error) {
    // A taken path means that another replica reseals the row, or that an earlier attempt died and left its own intent to the sweep.
    if (intentId !== null && isCertainlyUnwritten(error)) await deps.intents.close(intentId);
    throw error;
  }
  const orphan = vaultOwning(from.keyId) && from.keyId !== sealed.keyId ? randomUUID() : null;
  const changed = await deps.sql.write(table.replace, {
    id: row.id,
    fromKeyId: from.keyId,
    fromFormat: from.format,
    fromSealed: from.bytes,
    keyId: sealed.keyId,
    format: sealed.format,
    sealed: sealed.bytes,
    intentId,
    orphanId: orphan,
    path: row.path,
    ref: row.ref,
  });
  if (changed.length > 0) return true;
  if (intentId !== null) {
    await target.destroy(ref, sealed.keyId);
    await deps.intents.close(intentId);
  }
  return false;
}

/** A rotation ends after this many consecutive rows that fail as in an outage although database and vault answer. */
const MAX_OUTAGES = 20;

function isOutage(error: unknown): boolean {
  return error instanceof CredError && (error.code === 'unavailable' || error.code === 'vault_unavailable');
}

function isRefusal(error: unknown): boolean {
  return error instanceof CredError && error.code === 'vault_refused';
}

/**
 * Distinguishes an outage from a single failing row.
 * @throws CredError `unavailable`, `vault_unavailable`, `vault_refused`
 */
async function requireBackends({ sql, vault }: ResealDeps): Promise<void> {
  await sql.ping();
  await vault.check();
}

const BATCH_ROWS = 50;
/** Of sealed values, which the driver also holds as text. A batch exceeds it by one value at most. */
const BATCH_BYTES = 4 * 1024 * 1024;

export interface ResealOptions {
  /** Of one batch. Default: 50. */
  readonly maxRows?: number;
  /** Sealed bytes of one batch, which its last value may exceed. Default: 4 MiB. */
  readonly maxBytes?: number;
  /** Looked at between batches. */
  readonly signal?: AbortSignal;
  /** Called after each batch, with what is done so far. */
  readonly onProgress?: (progress: ResealProgress) => void;
}

/**
 * Reseals all tables in batches. A row that fails is counted and left for the next rotation.
 * @throws CredError `unavailable`, `vault_unavailable` or `vault_refused`: retry later
 */
export async function resealAll(deps: ResealDeps, options: ResealOptions = {}): Promise<ResealProgress> {
  const count = { resealed: 0, unknownKey: 0, failed: 0 };
  const { maxRows = BATCH_ROWS, maxBytes = BATCH_BYTES, signal, onProgress } = options;
  let failure: unknown;
  let last: ResealProgress = { table: '', ...count, failure };
  let outages = 0;
  for (const table of ROTATED_TABLES) {
    const target = table.purpose === 'shared' ? deps.keyRing : deps.vault;
    let after = table.lowestId;
    while (!signal?.aborted) {
      const activeKeyId = target.activeKeyId();
      const rows = await deps.sql.slowQuery(table.next, { activeKeyId, after, maxRows, maxBytes });
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
      last = { table: table.name, ...count, failure };
      const end = rows.at(-1);
      // A batch that is not full may be one of large values.
      if (end === undefined) break;
      onProgress?.(last);
      after = end.id;
    }
  }
  return last;
}

/** Counts the sealed values of all tables by key id. A key without an entry may be retired. */
export function usedKeys(sql: Database): Promise<Map<string, number>> {
  return countUsedKeys(sql.slowQuery);
}
