/** Who asks, and what use cases derive from it: access to credentials and audit events. */
import type { AuditEvent } from './ports/audit.ts';
import type { Clock } from './ports/clock.ts';
import type { Access, Operation } from './ports/permissions.ts';

/** Who asks, in which request. Use cases build their {@link AuditEvent}s from it. */
export interface Caller {
  readonly actor: string;
  readonly requestId: string;
}

/** Returns whose permissions a statement checks: nobody's while ACLs are off. */
export function accessOf(deps: { readonly aclsEnabled: boolean }, caller: Caller): Access {
  return { actor: deps.aclsEnabled ? caller.actor : null };
}

/** Returns whether an operation is allowed to somebody who holds these. */
export function holds(access: Access, held: ReadonlySet<Operation>, operation: Operation): boolean {
  return access.actor === null || held.has(operation);
}

type AuditedAction = Pick<AuditEvent, 'action' | 'resource' | 'versionId' | 'details'>;

/** Returns the audit event of what the caller does now. */
export function auditOf(deps: { readonly clock: Clock }, caller: Caller, act: AuditedAction): AuditEvent {
  return { at: deps.clock.now(), requestId: caller.requestId, actor: caller.actor, ...act };
}
