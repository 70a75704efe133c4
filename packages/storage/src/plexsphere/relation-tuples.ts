/** {@link RelationTupleRecords} on PostgreSQL. */
import type { ObjectRef, RelationTuple, RelationTupleRecords, StoredTuple } from '@credplex/core';
import { and, eq, getTableColumns, type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { writeAudit } from '../audit/audit-event.ts';
import type { Database, Transaction } from '../postgres/database.ts';
import { type RowOf, select } from '../postgres/fragments.ts';
import { defineSharedRead } from '../postgres/shared-read.ts';
import type { Parameters } from '../postgres/statement.ts';
import { textArray } from '../postgres/text.ts';
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
  /** Array literals, of which PostgreSQL expects ten elements: of a JSON list it expects a hundred. */
  readonly resourceTypes: string;
  readonly resourceIds: string;
  readonly linkTypes: string;
  readonly linkRelations: string;
}

/**
 * SQL for the edges of rows before it, looked up for each of them. `offset 0` keeps PostgreSQL from joining otherwise: it takes
 * what a recursion finds for many rows, and would read the whole table.
 */
const edgesWhere = (condition: SQL): SQL =>
  sql`cross join lateral (select * from ${relationTuple} ${t} where ${condition} offset 0) ${t}`;

const isOfSubject = sql`${t.subjectType} = s.type and ${t.subjectId} = s.id and ${t.subjectRelation} = s.relation`;
/** Members of groups that the subject set reaches, step by step. */
const memberships = edgesWhere(sql`${isOfSubject} and ${t.resourceType} = 'group'`);
const isOfObject = sql`${t.resourceType} = o.type and ${t.resourceId} = o.id`;
/** Asked for as an array, so that what an object is linked to is estimated as few rows: hash tables have the size of estimates. */
const links = edgesWhere(
  sql`${isOfObject} and ${t.relation} = any(array(select l.relation from link l where l.type = o.type))`,
);

/*
 * subject_set: the subject and, recursively, every group that contains it. object: the resources and, recursively, the objects
 * that they link to. The result is the memberships, the edges between both sets, and the links. UNION ends cycles.
 */
const NEIGHBOURHOOD = defineSharedRead(
  (p: Parameters<Neighbourhood>) => sql<KeyRow>`
  with recursive
  link (type, relation) as (select * from unnest(${p.linkTypes}::text[], ${p.linkRelations}::text[])),
  subject_set (type, id, relation) as (
    select ${p.subjectType}::text, ${p.subjectId}::text, ${p.subjectRelation}::text
    union
    select ${t.resourceType}, ${t.resourceId}, ${t.relation} from subject_set s ${memberships}),
  object (type, id) as (
    select * from unnest(${p.resourceTypes}::text[], ${p.resourceIds}::text[])
    union
    select ${t.subjectType}, ${t.subjectId} from object o ${links} where ${t.subjectRelation} = '')
  select ${select(keyColumns)} from subject_set s ${memberships}
  union
  select ${select(keyColumns)} from object o cross join subject_set s ${edgesWhere(sql`${isOfObject} and ${isOfSubject}`)}
  union
  select ${select(keyColumns)} from object o ${links}`,
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
    neighbourhood: async ({ subject, resources, links: linkRelations }) => {
      const rows = await db.read(NEIGHBOURHOOD, {
        subjectType: subject.type,
        subjectId: subject.id,
        subjectRelation: subject.relation ?? '',
        resourceTypes: textArray(resources.map(({ type }) => type)),
        resourceIds: textArray(resources.map(({ id }) => id)),
        linkTypes: textArray(linkRelations.map(([type]) => type)),
        linkRelations: textArray(linkRelations.map(([, relation]) => relation)),
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
