/** Writes of versions: alone with one statement each, or several of the plain kind together with one for all. */
import type { WriteRequest, WriteResult } from '@credplex/core';
import { createBatcher } from '../postgres/batcher.ts';
import type { Database } from '../postgres/database.ts';
import { isLarge, runStaged } from '../postgres/large-parameter.ts';
import { lowerName } from '../postgres/text.ts';
import { batchStatement, isBatchable, shapeOf } from './write-batch.ts';
import { diagnoseRejectedWrite, resultOf, type WrittenRecord } from './write-outcome.ts';
import { singleStatement } from './write-statement.ts';

interface Pending {
  readonly request: WriteRequest;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}

export function createCredentialWrite(db: Database): (request: WriteRequest) => Promise<WriteResult> {
  async function alone(request: WriteRequest): Promise<WriteResult> {
    const statement = singleStatement(request);
    const { bytes } = request.version.sealed;
    for (;;) {
      const [row] = isLarge(bytes)
        ? await db.transaction((tx) => runStaged<WrittenRecord>(tx, statement, bytes))
        : await db.write<WrittenRecord>(statement.text, statement.values);
      const outcome = row ? resultOf(request, row) : await diagnoseRejectedWrite(db, request);
      if (outcome !== 'raced') return outcome;
    }
  }

  async function left(request: WriteRequest): Promise<WriteResult> {
    const outcome = await diagnoseRejectedWrite(db, request);
    return outcome === 'raced' ? alone(request) : outcome;
  }

  const each = async (
    items: Iterable<Pending>,
    how: (request: WriteRequest) => Promise<WriteResult>,
  ): Promise<void> => {
    await Promise.all([...items].map(({ request, resolve, reject }) => how(request).then(resolve, reject)));
  };

  async function send(items: readonly Pending[]): Promise<void> {
    if (items.length === 1) return each(items, alone);
    try {
      const { text, values } = batchStatement(items.map(({ request }) => request));
      const rows = await db.writeBatch<WrittenRecord & { readonly n: number }>(text, values);
      if (rows === 'refused') return await each(items, alone);
      const rest = new Set(items);
      for (const row of rows) {
        const item = items[row.n] as Pending;
        rest.delete(item);
        item.resolve(resultOf(item.request, row));
      }
      await each(rest, left);
    } catch (error) {
      for (const { reject } of items) reject(error);
    }
  }

  const add = createBatcher<Pending>({
    maxInFlight: 2,
    maxBatchSize: 32,
    timeoutMs: 25,
    kind: ({ request }) => shapeOf(request),
    key: ({ request }) => lowerName(request.name),
    send,
  });

  return (request) =>
    isBatchable(request) ? new Promise((resolve, reject) => add({ request, resolve, reject })) : alone(request);
}
