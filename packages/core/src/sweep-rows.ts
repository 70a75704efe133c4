/**
 * Batch processing for background jobs. Each row is handled separately, so that a failing row does not block others.
 */
import { CredError } from './errors.ts';

export interface SweepReport {
  readonly done: number;
  /** Rows that failed and are retried later. */
  readonly failed: number;
  /** The error of the first failed row; undefined if none failed. */
  readonly failure: unknown;
  /** Whether an outage of database or vault ended the sweep early. The next sweep handles the remaining rows. */
  readonly interrupted: boolean;
}

/** Returns whether every other row would fail in the same way. */
function isOutage(error: unknown): boolean {
  return error instanceof CredError && (error.code === 'unavailable' || error.code === 'vault_unavailable');
}

/**
 * Claims batches and handles each row. Stops when a batch is not full, when all rows of a batch fail because of an
 * outage, or when `signal` is aborted. `claim` must not return the same row twice in one sweep.
 * @throws the errors of `claim`
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
