/** How background work goes through rows: each is tried on its own, so that a bad one does not block those behind it. */
import { CredError } from './errors.ts';

export interface SweepReport {
  readonly done: number;
  /** Rows that stay as they are and are tried again later. */
  readonly failed: number;
  /** Of the first row that failed; undefined when none did. */
  readonly failure: unknown;
  /** The database or the vault is away: rows that were not tried are left to the next sweep. */
  readonly interrupted: boolean;
}

/** Failures that every other row would meet as well. */
function isOutage(error: unknown): boolean {
  return error instanceof CredError && (error.code === 'unavailable' || error.code === 'vault_unavailable');
}

/**
 * Claims batches and tries each row, until a batch is not full, or fails only because of an outage, or `signal` is aborted.
 * `claim` must not give the same row twice in one sweep.
 * @throws what `claim` throws
 */
export async function sweepRows<Row>(options: {
  readonly claim: (limit: number) => Promise<readonly Row[]>;
  readonly limit: number;
  readonly act: (row: Row) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}): Promise<SweepReport> {
  const { claim, limit, act, signal } = options;
  const count = { done: 0, failed: 0, failure: undefined as unknown };
  for (;;) {
    const rows = await claim(limit);
    let outages = 0;
    for (const row of rows) {
      if (signal?.aborted) return { ...count, interrupted: false };
      try {
        await act(row);
        count.done += 1;
      } catch (error) {
        count.failed += 1;
        count.failure ??= error;
        if (isOutage(error)) outages += 1;
      }
    }
    const interrupted = rows.length > 0 && outages === rows.length;
    if (interrupted || rows.length < limit) return { ...count, interrupted };
  }
}
