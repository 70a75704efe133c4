/** Builders of times, events and audit events for the conformance suite of PlexsphereRecords. */
import { randomUUID } from 'node:crypto';
import type { AuditEvent, OutboxEvent, PlexsphereRecords } from '@credplex/core';

export function at(seconds: number): Date {
  return new Date(1_800_000_000_000 + seconds * 1000);
}

export function audit(action: string): AuditEvent {
  return { at: at(0), requestId: 'r', actor: 'user:u', action, resource: null };
}

export function event(type: OutboxEvent['type'], mark: string): OutboxEvent {
  return {
    id: randomUUID(),
    type,
    occurredAt: at(0),
    actor: 'user:u',
    correlationId: 'r',
    payload: { mark },
  };
}

/** Returns the marks of all outbox events, oldest first. */
export async function marksOf(records: PlexsphereRecords): Promise<unknown[]> {
  return (await records.outbox({ after: 0, limit: 1000 })).map((row) => row.payload.mark);
}
