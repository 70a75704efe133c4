/** Evaluates relations on a part of the graph. Pure functions; the caller reads the tuples. */
import type { ObjectRef, RelationTuple, SubjectRef } from '../ports/plexsphere.ts';
import { formatObject, formatSubject } from './ref.ts';
import { isKnownRelation, typeSchema } from './schema.ts';

/**
 * Why a check was denied (docs/reference/plexsphere-v1.md#reasons). `unknown`: the schema has no such type or relation.
 */
export type DenialReason = 'out_of_scope' | 'insufficient_relation' | 'caveat_violation' | 'unknown';

/**
 * `path`: the userset of each edge from the subject to the resource, starting at the subject. For a denial, the path by
 * which the subject is related to the resource, if any.
 */
export type Decision =
  | { readonly allowed: true; readonly path: readonly string[] }
  | { readonly allowed: false; readonly reason: DenialReason; readonly path: readonly string[] };

/** Tuples by userset (`type:id#relation`). */
type Graph = ReadonlyMap<string, readonly RelationTuple[]>;

function userset(object: ObjectRef, relation: string) {
  return `${formatObject(object)}#${relation}`;
}

/** Groups tuples by userset. */
export function graphOf(tuples: readonly RelationTuple[]): Graph {
  const graph = new Map<string, RelationTuple[]>();
  for (const tuple of tuples) {
    const key = userset(tuple.resource, tuple.relation);
    const existing = graph.get(key);
    if (existing === undefined) graph.set(key, [tuple]);
    else existing.push(tuple);
  }
  return graph;
}

/** Returns the path of usersets from `subject` to the relation, or undefined. `visited` ends cycles. */
function pathTo(
  graph: Graph,
  subject: string,
  object: ObjectRef,
  relation: string,
  visited: ReadonlySet<string>,
): readonly string[] | undefined {
  const key = userset(object, relation);
  if (visited.has(key)) return undefined;
  if (key === subject) return [];
  const visitedWithKey = new Set(visited).add(key);
  for (const tuple of graph.get(key) ?? []) {
    if (formatSubject(tuple.subject) === subject) return [key];
    if (tuple.subject.relation === undefined) continue;
    const path = pathTo(graph, subject, tuple.subject, tuple.subject.relation, visitedWithKey);
    if (path !== undefined) return [...path, key];
  }
  const schema = typeSchema(object.type);
  const rules = schema !== undefined && Object.hasOwn(schema.permissions, relation) ? schema.permissions[relation] : [];
  for (const rule of rules ?? []) {
    const [link, permission] = rule.split('->');
    if (link === undefined) continue;
    if (permission === undefined) {
      const path = pathTo(graph, subject, object, link, visitedWithKey);
      if (path !== undefined) return path;
      continue;
    }
    for (const edge of graph.get(userset(object, link)) ?? []) {
      const path = pathTo(graph, subject, edge.subject, permission, visitedWithKey);
      if (path !== undefined) return [...path, userset(object, link)];
    }
  }
  return undefined;
}

function relationNames(type: string): string[] {
  const schema = typeSchema(type);
  return schema === undefined ? [] : [...Object.keys(schema.relations), ...Object.keys(schema.permissions)];
}

/** Decides whether the subject has the relation, or permission, to the resource. */
export function decide(graph: Graph, subject: SubjectRef, relation: string, resource: ObjectRef): Decision {
  if (typeSchema(subject.type) === undefined || !isKnownRelation(resource.type, relation))
    return { allowed: false, reason: 'unknown', path: [] };
  const subjectText = formatSubject(subject);
  const path = pathTo(graph, subjectText, resource, relation, new Set());
  if (path !== undefined) return { allowed: true, path };
  for (const other of relationNames(resource.type)) {
    const relatedPath = pathTo(graph, subjectText, resource, other, new Set());
    if (relatedPath !== undefined) return { allowed: false, reason: 'insufficient_relation', path: relatedPath };
  }
  return { allowed: false, reason: 'out_of_scope', path: [] };
}
