/** Writes of versions: one statement each, or one for several concurrent requests of the plain kind. */
import type { WriteRequest, WriteResult } from '@credplex/core';
import { createBatcher, WRITE_BATCHES } from '../postgres/batcher.ts';
import type { Database } from '../postgres/database.ts';
import { isLarge, withStagedBytes } from '../postgres/large-parameter.ts';
import { lowerName } from '../postgres/text.ts';
import { compileBatches, isBatchable, shapeOf } from './write-batch.ts';
import { diagnoseRejectedWrite, resultOf, type WrittenRecord } from './write-outcome.ts';
import { compileWrites } from './write-statement.ts';

interface Pending {
  readonly request: WriteRequest;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}

export function createCredentialWrite(db: Database): (request: WriteRequest) => Promise<WriteResult> {
  const pickWrite = compileWrites();
  const pickBatch = compileBatches();

  function send(request: WriteRequest): Promise<WrittenRecord[]> {
    const { bytes } = request.version.sealed;
    if (!isLarge(bytes)) {
      const { statement, values } = pickWrite(request);
      return db.write(statement, values);
    }
    return db.transaction((tx) =>
      withStagedBytes(tx, bytes, (stagedId) => {
        const { statement, values } = pickWrite(request, stagedId);
        return tx.run(statement, values);
      }),
    );
  }

  async function writeSingle(request: WriteRequest): Promise<WriteResult> {
    for (;;) {
      const [row] = await send(request);
      const outcome = row ? resultOf(request, row) : await diagnoseRejectedWrite(db, request);
      if (outcome !== 'raced') return outcome;
    }
  }

  /** For a request that its batch did not write. */
  async function retrySingle(request: WriteRequest): Promise<WriteResult> {
    const outcome = await diagnoseRejectedWrite(db, request);
    return outcome === 'raced' ? writeSingle(request) : outcome;
  }

  const settleEach = async (
    items: Iterable<Pending>,
    write: (request: WriteRequest) => Promise<WriteResult>,
  ): Promise<void> => {
    await Promise.all([...items].map(({ request, resolve, reject }) => write(request).then(resolve, reject)));
  };

  async function sendBatch(items: readonly Pending[]): Promise<void> {
    const [first, ...others] = items.map(({ request }) => request);
    if (first === undefined || others.length === 0) return settleEach(items, writeSingle);
    try {
      const { statement, values } = pickBatch([first, ...others]);
      const rows = await db.writeBatch(statement, values);
      if (rows === 'refused') return await settleEach(items, writeSingle);
      const rest = new Set(items);
      for (const row of rows) {
        const item = items[row.position] as Pending;
        rest.delete(item);
        item.resolve(resultOf(item.request, row));
      }
      await settleEach(rest, retrySingle);
    } catch (error) {
      for (const { reject } of items) reject(error);
    }
  }

  const add = createBatcher<Pending>({
    ...WRITE_BATCHES,
    kind: ({ request }) => shapeOf(request),
    key: ({ request }) => lowerName(request.name),
    send: sendBatch,
  });

  return (request) =>
    isBatchable(request) ? new Promise((resolve, reject) => add({ request, resolve, reject })) : writeSingle(request);
}
