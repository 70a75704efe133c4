/** Authorisation of operations on objects of the relation graph. */
import type { Caller } from '../caller.ts';
import { CredError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { ObjectRef, PlexsphereRecords } from '../ports/plexsphere.ts';
import type { Decision } from './check.ts';
import { formatObject, parseSubject } from './ref.ts';
import { checkRelation } from './service.ts';

/** The reasons that a response may contain (docs/reference/plexsphere-v1.md#problems). */
export type PublicDenialReason = 'out_of_scope' | 'insufficient_relation' | 'caveat_violation';

/** `permission_denied` with the fields that every 403 response must contain. */
export class PermissionDenied extends CredError {
  readonly reason: PublicDenialReason;
  readonly relationPath: readonly string[];
  constructor(reason: PublicDenialReason, relationPath: readonly string[]) {
    super('permission_denied');
    this.reason = reason;
    this.relationPath = relationPath;
  }
}

export interface GateDeps {
  readonly records: Pick<PlexsphereRecords, 'neighbourhood' | 'auditNow'>;
  readonly clock: Clock;
}

export interface Gate {
  readonly relation: string;
  readonly resource: ObjectRef;
  /** The audit action, for example `cloud_credential.issue`. */
  readonly action: string;
}

/** Decides a gate for the caller without auditing. @throws CredError `unauthenticated`, `authz_unavailable` */
export function decideRelation(
  deps: Pick<GateDeps, 'records'>,
  caller: Caller,
  gate: Omit<Gate, 'action'>,
): Promise<Decision> {
  const subject = parseSubject(caller.actor);
  if (subject === undefined) throw new CredError('unauthenticated');
  return checkRelation(deps, { subject, relation: gate.relation, resource: gate.resource });
}

/**
 * Audits a denial, then throws it. Every 403 needs its audit line first (docs/reference/plexsphere-v1.md#audit); if the
 * line cannot be written, that error is thrown instead.
 */
export async function denyRelation(
  deps: GateDeps,
  caller: Caller,
  gate: Gate,
  decision: Extract<Decision, { allowed: false }>,
): Promise<never> {
  await deps.records.auditNow({
    at: deps.clock.now(),
    requestId: caller.requestId,
    actor: caller.actor,
    action: gate.action,
    resource: formatObject(gate.resource),
    details: { decision: 'denied', relation: gate.relation, reason: decision.reason },
  });
  throw new PermissionDenied(decision.reason === 'unknown' ? 'out_of_scope' : decision.reason, decision.path);
}

/**
 * Resolves when the caller has the relation.
 * @throws PermissionDenied, CredError `authz_unavailable` if it cannot be decided, `unavailable` if it cannot be
 * audited
 */
export async function requireRelation(deps: GateDeps, caller: Caller, gate: Gate): Promise<void> {
  const decision = await decideRelation(deps, caller, gate);
  if (!decision.allowed) await denyRelation(deps, caller, gate, decision);
}
