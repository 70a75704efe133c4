import { type AuditEvent, CredError, type ReadAudit } from '@credplex/core';
import type { Database } from '../postgres/database.ts';
import { auditColumnNames, auditColumns, auditValues } from './audit-event.ts';

/** How long a read may go unrecorded (issue: at least each 200 ms); what a kill of the process can lose. */
const interval = 200;
/** While the database is away attempts become rarer, up to this many milliseconds apart. */
const longestPause = 2_000;
const batchRows = 2_000;
/** Some 10 s of reads at full speed, a few MiB. */
const queueRows = 20_000;

const insertMany = `insert into audit_event (${auditColumnNames})
  select ${auditColumnNames} from json_to_recordset($1::text::json) as e (${auditColumns.map(([name, type]) => `${name} ${type}`).join(', ')})`;

export interface ClosableReadAudit extends ReadAudit {
  /** Writes what waits. */
  close(): Promise<void>;
}

/**
 * Records of reads, off the request's path: batches in one INSERT each. While the database is away they wait; when the
 * queue is full callers wait too, and nothing is dropped. `onLoss` is told of rows that the database refuses for good.
 */
export function createReadAudit(db: Database, onLoss: (error: CredError) => void = () => {}): ClosableReadAudit {
  let queue: AuditEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let failures = 0;
  let room: PromiseWithResolvers<void> | undefined;

  async function insert(events: readonly AuditEvent[]): Promise<void> {
    // One literal per event: this runs for every read of the server.
    const rows = events.map((event) => {
      const [at, request_id, actor, action, resource, version_id, details] = auditValues(event);
      return { at, request_id, actor, action, resource, version_id, details };
    });
    await db.slowQuery(insertMany, [JSON.stringify(rows)]);
  }

  /** Gives up a row only when the database refuses it; resolves to how many rows are dealt with. */
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
    const batch = queue.slice(0, batchRows);
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
    if (queue.length < queueRows) {
      room?.resolve();
      room = undefined;
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
      failures > 0 ? Math.min(interval * 2 ** (failures - 1), longestPause) : queue.length >= batchRows ? 0 : interval,
    );
  }

  function append(event: AuditEvent): Promise<void> | undefined {
    if (queue.length >= queueRows) {
      room ??= Promise.withResolvers<void>();
      return room.promise.then(() => append(event));
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
