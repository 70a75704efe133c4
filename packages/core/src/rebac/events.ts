/** Audit lines and outbox events of one change, built in one place so that they agree. */
import type { Caller } from '../caller.ts';
import { uuidV7 } from '../identifiers/uuid-v7.ts';
import type { AuditEvent } from '../ports/audit.ts';
import type { Clock, Entropy } from '../ports/clock.ts';
import type { ObjectRef, OutboxEvent } from '../ports/plexsphere.ts';
import { formatObject } from './ref.ts';

/** Who a sweep acts as. */
export const SYSTEM_ACTOR = 'system';

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
