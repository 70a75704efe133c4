/**
 * The use case of `authz/check`. Any authenticated caller may check any subject; a denial is a successful response
 * (docs/reference/plexsphere-v1.md#relations).
 */

import type { Caller } from '../caller.ts';
import { CredError } from '../errors.ts';
import type { ReadAudit } from '../ports/audit.ts';
import type { Clock } from '../ports/clock.ts';
import type { Decision } from './check.ts';
import { auditEvent } from './events.ts';
import { formatSubject, parseObject, parseSubject } from './ref.ts';
import { checkRelation, type RebacDeps } from './service.ts';

export interface AuthorizationCheck {
  readonly subject: string;
  readonly relation: string;
  readonly resource: string;
  /** Only the names are audited. No relation of the schema has a caveat yet. */
  readonly caveatContext?: Readonly<Record<string, unknown>> | undefined;
}

/** The longest subject, relation or resource, in characters (docs/reference/plexsphere-v1.md#relations). */
const MAX_LENGTH = 4096;

/** Decides a relation and audits the check. @throws CredError `invalid_check_request`, `authz_unavailable` */
export async function checkAuthorization(
  deps: RebacDeps & { readonly readAudit: ReadAudit; readonly clock: Clock },
  caller: Caller,
  check: AuthorizationCheck,
): Promise<Decision> {
  const { relation } = check;
  const subject = parseSubject(check.subject);
  const resource = parseObject(check.resource);
  if (subject === undefined || resource === undefined || relation === '' || relation.length > MAX_LENGTH)
    throw new CredError('invalid_check_request');
  const decision = await checkRelation(deps, { subject, relation, resource });
  await deps.readAudit.append(
    auditEvent(deps, caller, 'authz.check', resource, {
      subject: formatSubject(subject),
      // Other texts are free-form input of the caller and must not enter the audit log.
      relation: /^[a-z_]{1,64}$/.test(relation) ? relation : 'unknown',
      answer: decision.allowed ? 'allowed' : decision.reason,
      caveat_names: Object.keys(check.caveatContext ?? {}).slice(0, 16),
    }),
  );
  return decision;
}
