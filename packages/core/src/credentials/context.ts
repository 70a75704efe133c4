/** What every use case of credentials needs to know about a caller. */
import type { AuditEvent } from '../ports/audit.ts';
import type { Access, Operation } from '../ports/records.ts';
import type { Tools } from '../types/credential-type.ts';
import type { Caller, CredentialDeps } from './service.ts';

export const accessOf = (deps: CredentialDeps, caller: Caller): Access => ({
  actor: deps.aclsEnabled ? caller.actor : null,
});

export const holds = (access: Access, held: ReadonlySet<Operation>, operation: Operation): boolean =>
  access.actor === null || held.has(operation);

export const toolsOf = ({ entropy, clock, pki, level, certificates }: CredentialDeps): Tools => ({
  entropy,
  clock,
  pki,
  level,
  certificates,
});

type Act = Pick<AuditEvent, 'action' | 'resource' | 'versionId' | 'details'>;

export const auditOf = (deps: CredentialDeps, caller: Caller, act: Act): AuditEvent => ({
  at: deps.clock.now(),
  requestId: caller.requestId,
  actor: caller.actor,
  ...act,
});
