/** Checks of relations in the graph. */
import { CredError } from '../errors.ts';
import type { ObjectRef, RelationTupleRecords, SubjectRef } from '../ports/plexsphere.ts';
import { type Decision, decide, graphOf } from './check.ts';
import { linkRelations } from './schema.ts';

export interface RebacDeps {
  readonly records: Pick<RelationTupleRecords, 'neighbourhood'>;
}

/**
 * One decision per resource, in their order, from one read.
 * @throws CredError `authz_unavailable`: it could not be decided, which never counts as allowed
 */
export async function checkRelations(
  deps: RebacDeps,
  subject: SubjectRef,
  relation: string,
  resources: readonly ObjectRef[],
): Promise<Decision[]> {
  if (resources.length === 0) return [];
  try {
    const graph = graphOf(await deps.records.neighbourhood({ subject, resources, links: linkRelations() }));
    return resources.map((resource) => decide(graph, subject, relation, resource));
  } catch (cause) {
    if (cause instanceof CredError && cause.code === 'unavailable')
      throw new CredError('authz_unavailable', {}, { cause });
    throw cause;
  }
}

/** @throws as {@link checkRelations} */
export async function checkRelation(
  deps: RebacDeps,
  check: { readonly subject: SubjectRef; readonly relation: string; readonly resource: ObjectRef },
): Promise<Decision> {
  const [decision] = await checkRelations(deps, check.subject, check.relation, [check.resource]);
  return decision ?? { allowed: false, reason: 'unknown', path: [] };
}
