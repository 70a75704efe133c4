/**
 * Grants and revokes relations for the operator's command line. API v1 has no route for relations on clouds and on the
 * platform (docs/reference/plexsphere-v1.md#relations).
 */

import type { Caller } from '../caller.ts';
import { CredError } from '../errors.ts';
import { uuidV7 } from '../identifiers/uuid-v7.ts';
import type { Clock, Entropy } from '../ports/clock.ts';
import type { PlexsphereRecords, RelationTuple } from '../ports/plexsphere.ts';
import { auditEvent, outboxEvent } from './events.ts';
import { formatObject, formatSubject, formatTuple, parseObject, parseSubject } from './ref.ts';
import { typeSchema } from './schema.ts';

export interface GrantDeps {
  readonly records: Pick<PlexsphereRecords, 'addTuple' | 'removeTuple'>;
  readonly clock: Clock;
  readonly entropy: Entropy;
}

/** Parses a tuple and checks it against the schema. @throws CredError `invalid_relation_tuple` with `why` */
export function readTuple(text: {
  readonly subject: string;
  readonly relation: string;
  readonly resource: string;
}): RelationTuple {
  const refuse = (why: string) => new CredError('invalid_relation_tuple', { why });
  const resource = parseObject(text.resource);
  const subject = parseSubject(text.subject);
  if (resource === undefined) throw refuse('the resource must be written type:id');
  if (subject === undefined) throw refuse('the subject must be written type:id or type:id#relation');
  const relations = typeSchema(resource.type)?.relations;
  if (relations === undefined) throw refuse(`there is no type ${resource.type}`);
  const subjects = Object.hasOwn(relations, text.relation) ? relations[text.relation] : undefined;
  if (subjects === undefined)
    throw refuse(`${resource.type} has no relation ${text.relation}; it has ${Object.keys(relations).join(', ')}`);
  const kind = subject.relation === undefined ? subject.type : `${subject.type}#${subject.relation}`;
  if (!subjects.includes(kind)) throw refuse(`${resource.type}#${text.relation} takes ${subjects.join(', ')}`);
  return { resource, relation: text.relation, subject };
}

function fieldsOf(tuple: RelationTuple) {
  return {
    resource: formatObject(tuple.resource),
    relation: tuple.relation,
    subject: formatSubject(tuple.subject),
  };
}

/** Adds a tuple. Resolves to `false` if it exists already. */
export function grantRelation(deps: GrantDeps, caller: Caller, tuple: RelationTuple): Promise<boolean> {
  return deps.records.addTuple({
    tuple: { ...tuple, id: uuidV7(deps.clock, deps.entropy), createdAt: deps.clock.now() },
    event: outboxEvent(deps, caller, 'RelationTupleCreated', fieldsOf(tuple)),
    audit: auditEvent(deps, caller, 'authz.relation_tuple.create', tuple.resource, { tuple: formatTuple(tuple) }),
  });
}

/** Removes a tuple. Resolves to `false` if it does not exist. */
export function revokeRelation(deps: GrantDeps, caller: Caller, tuple: RelationTuple): Promise<boolean> {
  return deps.records.removeTuple({
    tuple,
    event: outboxEvent(deps, caller, 'RelationTupleDeleted', fieldsOf(tuple)),
    audit: auditEvent(deps, caller, 'authz.relation_tuple.delete', tuple.resource, { tuple: formatTuple(tuple) }),
  });
}
