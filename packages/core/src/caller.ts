/** The caller of a use case, with the access and audit events that are derived from it. */
import type { AuditEvent } from './ports/audit.ts';
import type { Clock } from './ports/clock.ts';
import type { Access, Operation } from './ports/permissions.ts';

/** The authenticated actor and its request. Use cases build their {@link AuditEvent}s from both. */
export interface Caller {
  readonly actor: string;
  readonly requestId: string;
}

/** Returns the actor whose permissions a statement checks; none while ACLs are off. */
export function accessOf(deps: { readonly aclsEnabled: boolean }, caller: Caller): Access {
  return { actor: deps.aclsEnabled ? caller.actor : null };
}

/** Returns whether `access` allows an operation, given the operations that its actor holds. */
export function isAllowed(access: Access, held: ReadonlySet<Operation>, operation: Operation): boolean {
  return access.actor === null || held.has(operation);
}

type AuditedAction = Pick<AuditEvent, 'action' | 'resource' | 'versionId' | 'details'>;

/** Returns an audit event for an action of the caller, with the current time. */
export function auditOf(deps: { readonly clock: Clock }, caller: Caller, act: AuditedAction): AuditEvent {
  return { at: deps.clock.now(), requestId: caller.requestId, actor: caller.actor, ...act };
}
