/** The context of handlers of CredHub's API. */
import type { Caller, CredentialView } from '@credplex/core';
import type { TouchedResource } from '../audit.ts';
import type { Principal } from '../auth/principal.ts';
import { AuthRefused } from '../auth/refusal.ts';
import type { BodyReservation } from '../body-budget.ts';
import type { ServerEnv } from '../http-env.ts';

/** Filled by handlers and read for the audit line after the response. */
export interface Trace {
  action: string | null;
  resources: TouchedResource[];
  details: Readonly<Record<string, unknown>> | null;
}

interface CredhubVariables {
  /** `undefined` for an unauthenticated caller of an open route. */
  principal: Principal | undefined;
  trace: Trace;
  /** Id of the matched route in the contract. */
  routeId: string | undefined;
}

export type CredhubEnv = ServerEnv<CredhubVariables>;

export interface CredhubContext {
  readonly trace: Trace;
  /** Returns whether the request comes from the same machine. */
  local(): boolean;
  /** Returns the caller. @throws AuthRefused for a token without an actor, where CredHub answers 500 */
  caller(): Caller;
  /** Opens a memory reservation for a large response; it is released when the response is sent. */
  openReservation(): BodyReservation;
}

export function callerOf(principal: Principal | undefined, requestId: string): Caller {
  if (principal?.actor === undefined) throw new AuthRefused({ kind: 'invalid_identity' });
  return { actor: principal.actor, requestId };
}

export function touched({ name, credentialId, id }: CredentialView): TouchedResource {
  return {
    name,
    credentialId,
    versionId: id,
  };
}
