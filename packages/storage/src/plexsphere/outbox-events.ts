/** Stores an event in the transaction of the change that it reports. */
import type { OutboxEvent } from '@credplex/core';
import type { Transaction } from '../postgres/database.ts';
import { outbox } from '../schema/index.ts';

export async function insertEvent(tx: Transaction, event: OutboxEvent): Promise<void> {
  const { id, type, occurredAt, actor, correlationId, payload } = event;
  await tx.queries
    .insert(outbox)
    .values({ id, type, occurredAt, actor, correlationId, payload: JSON.stringify(payload) });
}
