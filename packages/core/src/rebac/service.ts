/** Reads the relation graph and decides relations on it. */
import { CredError } from '../errors.ts';
import type { ObjectRef, RelationTupleRecords, SubjectRef } from '../ports/plexsphere.ts';
import { type Decision, decide, graphOf } from './check.ts';
import { linkRelations } from './schema.ts';

export interface RebacDeps {
  readonly records: Pick<RelationTupleRecords, 'neighbourhood'>;
}

/**
 * Returns one decision per resource, in order, from a single read.
 * @throws CredError `authz_unavailable` if the graph cannot be read; callers must treat this as denied
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

/** Decides one relation. @throws CredError like {@link checkRelations} */
export async function checkRelation(
  deps: RebacDeps,
  check: { readonly subject: SubjectRef; readonly relation: string; readonly resource: ObjectRef },
): Promise<Decision> {
  const [decision] = await checkRelations(deps, check.subject, check.relation, [check.resource]);
  return decision ?? { allowed: false, reason: 'unknown', path: [] };
}
