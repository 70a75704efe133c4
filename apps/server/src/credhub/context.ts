/** What handlers of CredHub's API get besides the request. */
import type { Caller, CredentialView } from '@credplex/core';
import type { TouchedResource } from '../audit.ts';
import type { Principal } from '../auth/principal.ts';
import { AuthRefused } from '../auth/refusal.ts';
import type { BodyReservation } from '../body-budget.ts';
import type { ServerEnv } from '../http-env.ts';

/** Filled by handlers, read for the audit line when the answer is out. */
export interface Trace {
  action: string | null;
  resources: TouchedResource[];
  details: Readonly<Record<string, unknown>> | null;
}

interface CredhubVariables {
  /** `undefined`: nobody; only open routes get so far. */
  principal: Principal | undefined;
  trace: Trace;
  /** Id of the route that answers, in the contract. */
  routeId: string | undefined;
}

export type CredhubEnv = ServerEnv<CredhubVariables>;

export interface CredhubContext {
  readonly trace: Trace;
  /** Whether the request comes from the machine itself. */
  local(): boolean;
  /** @throws AuthRefused for a token that names nobody; the original answers 500 */
  caller(): Caller;
  /** For an answer that is large: what it takes is reserved in the budget of bodies, and released when it is sent. */
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
