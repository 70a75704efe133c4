/** Writes of versions: alone with one statement each, or several of the plain kind together with one for all. */
import type { WriteRequest, WriteResult } from '@credplex/core';
import type { Database } from './database.ts';
import { createGather } from './gather.ts';
import { lowerName } from './text.ts';
import { mayTravel, shapeOf, writeMany } from './write-many.ts';
import { outcomeOf, resultOf, type WriteRecord, type WrittenRecord } from './write-outcome.ts';
import { writeOne } from './write-statement.ts';

interface Pending {
  readonly request: WriteRequest;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}

export function createCredentialWrite(db: Database): (request: WriteRequest) => Promise<WriteResult> {
  async function alone(request: WriteRequest): Promise<WriteResult> {
    const { text, values } = writeOne(request);
    for (;;) {
      const [row] = await db.write<WriteRecord>(text, values);
      const outcome = outcomeOf(request, row);
      if (outcome !== 'raced') return outcome;
    }
  }

  async function eachAlone(items: readonly Pending[]): Promise<void> {
    await Promise.all(items.map(({ request, resolve, reject }) => alone(request).then(resolve, reject)));
  }

  async function send(items: readonly Pending[]): Promise<void> {
    if (items.length === 1) return eachAlone(items);
    const { text, values } = writeMany(items.map(({ request }) => request));
    try {
      const rows = await db.together<WrittenRecord & { readonly n: number }>(text, values);
      if (rows === 'refused') return await eachAlone(items);
      const left = new Set(items);
      for (const row of rows) {
        const item = items[row.n] as Pending;
        left.delete(item);
        item.resolve(resultOf(item.request, row));
      }
      await eachAlone([...left]);
    } catch (error) {
      for (const { reject } of items) reject(error);
    }
  }

  const add = createGather<Pending>({
    lanes: 2,
    most: 32,
    patience: 25,
    kind: ({ request }) => shapeOf(request),
    key: ({ request }) => lowerName(request.name),
    send,
  });

  return (request) =>
    mayTravel(request) ? new Promise((resolve, reject) => add({ request, resolve, reject })) : alone(request);
}
