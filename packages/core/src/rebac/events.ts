/** Builds audit lines and outbox events in one place, so that they are consistent. */
import type { Caller } from '../caller.ts';
import { uuidV7 } from '../identifiers/uuid-v7.ts';
import type { AuditEvent } from '../ports/audit.ts';
import type { Clock, Entropy } from '../ports/clock.ts';
import type { ObjectRef, OutboxEvent } from '../ports/plexsphere.ts';
import { formatObject } from './ref.ts';

/** The actor of background jobs. */
export const SYSTEM_ACTOR = 'system';

/** Returns the audit event of a granted operation on an object. */
export function auditEvent(
  deps: { readonly clock: Clock },
  caller: Caller,
  action: string,
  resource: ObjectRef | null,
  details: NonNullable<AuditEvent['details']> = {},
): AuditEvent {
  return {
    at: deps.clock.now(),
    requestId: caller.requestId,
    actor: caller.actor,
    action,
    resource: resource === null ? null : formatObject(resource),
    details: { decision: 'granted', ...details },
  };
}

/** Returns an outbox event with the caller and its request id. */
export function outboxEvent(
  deps: { readonly clock: Clock; readonly entropy: Entropy },
  caller: Caller,
  type: OutboxEvent['type'],
  payload: OutboxEvent['payload'],
): OutboxEvent {
  return {
    id: uuidV7(deps.clock, deps.entropy),
    type,
    occurredAt: deps.clock.now(),
    actor: caller.actor,
    correlationId: caller.requestId,
    payload,
  };
}
