/** Events leave with the change that they tell about: in its transaction. */
import type { OutboxEvent } from '@credplex/core';
import type { Transaction } from '../postgres/database.ts';

export const insertEvent = (tx: Transaction, event: OutboxEvent) =>
  tx.run(`insert into outbox (id, type, occurred_at, actor, correlation_id, payload) values ($1, $2, $3, $4, $5, $6)`, [
    event.id,
    event.type,
    event.occurredAt,
    event.actor,
    event.correlationId,
    JSON.stringify(event.payload),
  ]);
