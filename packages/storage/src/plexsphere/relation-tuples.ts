/** {@link RelationTupleRecords} on PostgreSQL. */
import type { ObjectRef, RelationTuple, RelationTupleRecords, StoredTuple } from '@credplex/core';
import { and, eq, getTableColumns, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { writeAudit } from '../audit/audit-event.ts';
import type { Database, Transaction } from '../postgres/database.ts';
import { type RowOf, select } from '../postgres/fragments.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { relationTuple } from '../schema/index.ts';
import { insertEvent } from './outbox-events.ts';

const t = alias(relationTuple, 't');
const { id: _, createdAt: __, ...keyColumns } = getTableColumns(t);
type KeyRow = RowOf<typeof keyColumns>;

function toKey({ resource, relation, subject }: RelationTuple): KeyRow {
  return {
    resourceType: resource.type,
    resourceId: resource.id,
    relation,
    subjectType: subject.type,
    subjectId: subject.id,
    subjectRelation: subject.relation ?? '',
  };
}

function toTuple(row: KeyRow): RelationTuple {
  return {
    resource: { type: row.resourceType, id: row.resourceId },
    relation: row.relation,
    subject: {
      type: row.subjectType,
      id: row.subjectId,
      ...(row.subjectRelation === '' ? {} : { relation: row.subjectRelation }),
    },
  };
}

/** Inserts a tuple; resolves to `false` when it exists already. */
export async function insertTuple(tx: Transaction, tuple: StoredTuple): Promise<boolean> {
  const created = await tx.queries
    .insert(relationTuple)
    .values({ ...toKey(tuple), id: tuple.id, createdAt: tuple.createdAt })
    .onConflictDoNothing()
    .returning({ id: relationTuple.id });
  return created.length > 0;
}

interface Neighbourhood {
  readonly subjectType: string;
  readonly subjectId: string;
  readonly subjectRelation: string;
  /** JSON lists, because the driver would have to query the server for array types. */
  readonly resources: string;
  readonly links: string;
}

/** Joins the subject set with the groups that its members belong to. */
const isMembership = sql`${t.subjectType} = s.type and ${t.subjectId} = s.id and ${t.subjectRelation} = s.relation
  and ${t.resourceType} = 'group'`;
const isOfObject = sql`${t.resourceType} = o.type and ${t.resourceId} = o.id`;
const isLink = sql`l.type = ${t.resourceType} and l.relation = ${t.relation}`;

/*
 * subject_set: the subject and, recursively, every group that contains it. object: the resources and, recursively, the objects
 * that they link to. The result is the memberships, the edges between both sets, and the links. UNION ends cycles.
 */
const NEIGHBOURHOOD = defineStatement(
  (p: Parameters<Neighbourhood>) => sql<KeyRow>`
  with recursive
  link (type, relation) as (select value ->> 0, value ->> 1 from json_array_elements(${p.links}::text::json)),
  subject_set (type, id, relation) as (
    select ${p.subjectType}::text, ${p.subjectId}::text, ${p.subjectRelation}::text
    union
    select ${t.resourceType}, ${t.resourceId}, ${t.relation}
    from subject_set s join ${relationTuple} ${t} on ${isMembership}),
  object (type, id) as (
    select value ->> 'type', value ->> 'id' from json_array_elements(${p.resources}::text::json)
    union
    select ${t.subjectType}, ${t.subjectId}
    from object o join ${relationTuple} ${t} on ${isOfObject} and ${t.subjectRelation} = '' join link l on ${isLink})
  select ${select(keyColumns)} from subject_set s join ${relationTuple} ${t} on ${isMembership}
  union
  select ${select(keyColumns)} from object o join ${relationTuple} ${t} on ${isOfObject}
  join subject_set s
    on ${t.subjectType} = s.type and ${t.subjectId} = s.id and ${t.subjectRelation} = s.relation
  union
  select ${select(keyColumns)} from object o join ${relationTuple} ${t} on ${isOfObject} join link l on ${isLink}`,
);

function isKey(key: KeyRow) {
  return and(
    eq(relationTuple.resourceType, key.resourceType),
    eq(relationTuple.resourceId, key.resourceId),
    eq(relationTuple.relation, key.relation),
    eq(relationTuple.subjectType, key.subjectType),
    eq(relationTuple.subjectId, key.subjectId),
    eq(relationTuple.subjectRelation, key.subjectRelation),
  );
}
function isResource({ type, id }: ObjectRef) {
  return and(eq(relationTuple.resourceType, type), eq(relationTuple.resourceId, id));
}
function isSubject({ type, id }: ObjectRef) {
  return and(eq(relationTuple.subjectType, type), eq(relationTuple.subjectId, id));
}

export function tupleRecords(db: Database): RelationTupleRecords {
  return {
    neighbourhood: async ({ subject, resources, links }) => {
      const rows = await db.read(NEIGHBOURHOOD, {
        subjectType: subject.type,
        subjectId: subject.id,
        subjectRelation: subject.relation ?? '',
        resources: JSON.stringify(resources),
        links: JSON.stringify(links),
      });
      return rows.map(toTuple);
    },

    addTuple: ({ tuple, event, audit: line }) =>
      db.transaction(async (tx) => {
        if (!(await insertTuple(tx, tuple))) return false;
        await insertEvent(tx, event);
        await writeAudit(tx, [line]);
        return true;
      }),

    removeTuple: ({ tuple, event, audit: line }) =>
      db.transaction(async (tx) => {
        const deleted = await tx.queries
          .delete(relationTuple)
          .where(isKey(toKey(tuple)))
          .returning({ id: relationTuple.id });
        if (deleted.length === 0) return false;
        await insertEvent(tx, event);
        await writeAudit(tx, [line]);
        return true;
      }),

    listTuples: async ({ resource, subject }) => {
      const rows = await db.slowQuery((queries) =>
        queries
          .select()
          .from(relationTuple)
          .where(and(resource && isResource(resource), subject && isSubject(subject)))
          .orderBy(relationTuple.createdAt, relationTuple.id),
      );
      return rows.map((row) => ({ ...toTuple(row), id: row.id, createdAt: row.createdAt }));
    },
  };
}
