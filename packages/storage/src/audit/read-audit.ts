import { type AuditEvent, CredError, type ReadAudit } from '@credplex/core';
import type { Database } from '../postgres/database.ts';
import { AUDIT_BATCH_ROWS, writeAudit } from './audit-event.ts';

/** A killed process loses at most the audit rows of this interval. */
const FLUSH_INTERVAL_MS = 200;
/** Maximum backoff between attempts while the database is unavailable. */
const MAX_RETRY_PAUSE_MS = 2_000;

/** Some 10 s of reads at full speed, a few MiB. */
const QUEUE_ROWS = 20_000;

export interface ClosableReadAudit extends ReadAudit {
  /** Flushes the queue. */
  close(): Promise<void>;
}

/**
 * Creates the audit queue of reads, which writes batches in the background. While the database is unavailable rows stay queued;
 * when the queue is full, callers wait, so no row is dropped. `onLoss` gets the error of each row that the database rejects.
 */
export function createReadAudit(
  db: Pick<Database, 'slowQuery'>,
  onLoss: (error: CredError) => void = () => {},
): ClosableReadAudit {
  let queue: AuditEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let failures = 0;
  let spaceFreed: PromiseWithResolvers<void> | undefined;

  const insert = (events: readonly AuditEvent[]): Promise<void> => writeAudit({ run: db.slowQuery }, events);

  /** Writes rows one by one and drops those that the database rejects; resolves to the number of rows written or dropped. */
  async function insertEach(batch: readonly AuditEvent[]): Promise<number> {
    for (const [index, event] of batch.entries()) {
      try {
        await insert([event]);
      } catch (error) {
        const failure = error instanceof CredError ? error : new CredError('internal', {}, { cause: error });
        if (failure.code === 'unavailable') return index;
        onLoss(failure);
      }
    }
    return batch.length;
  }

  async function flush(): Promise<void> {
    const batch = queue.slice(0, AUDIT_BATCH_ROWS);
    let written = batch.length;
    try {
      await insert(batch);
    } catch (error) {
      const failure = error instanceof CredError ? error : new CredError('internal', {}, { cause: error });
      if (failure.code === 'unavailable') {
        failures += 1;
        return;
      }
      written = await insertEach(batch);
    }
    failures = 0;
    queue = queue.slice(written);
    if (queue.length < QUEUE_ROWS) {
      spaceFreed?.resolve();
      spaceFreed = undefined;
    }
  }

  function schedule(): void {
    timer ??= setTimeout(
      () => {
        timer = undefined;
        writing = flush().finally(() => {
          writing = undefined;
          if (queue.length > 0) schedule();
        });
      },
      failures > 0
        ? Math.min(FLUSH_INTERVAL_MS * 2 ** (failures - 1), MAX_RETRY_PAUSE_MS)
        : queue.length >= AUDIT_BATCH_ROWS
          ? 0
          : FLUSH_INTERVAL_MS,
    );
  }

  function append(event: AuditEvent): Promise<void> | undefined {
    if (queue.length >= QUEUE_ROWS) {
      spaceFreed ??= Promise.withResolvers<void>();
      return spaceFreed.promise.then(() => append(event));
    }
    queue.push(event);
    if (!writing) schedule();
    return undefined;
  }

  return {
    append,
    async close() {
      clearTimeout(timer);
      await writing;
      clearTimeout(timer);
      for (let tries = 0; queue.length > 0 && tries < 25; tries += 1) await flush();
    },
  };
}
