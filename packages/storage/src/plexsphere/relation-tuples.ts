/** {@link RelationTupleRecords} on PostgreSQL. */
import type { RelationTuple, RelationTupleRecords, StoredTuple } from '@credplex/core';
import { writeAudit } from '../audit/audit-event.ts';
import type { Database, Transaction, Value } from '../postgres/database.ts';
import { insertEvent } from './outbox-events.ts';

interface Row {
  id: string;
  resource_type: string;
  resource_id: string;
  relation: string;
  subject_type: string;
  subject_id: string;
  subject_relation: string;
  created_at: Date;
}

const KEY = 'resource_type, resource_id, relation, subject_type, subject_id, subject_relation';

const keyOf = ({ resource, relation, subject }: RelationTuple): Value[] => [
  resource.type,
  resource.id,
  relation,
  subject.type,
  subject.id,
  subject.relation ?? '',
];

/** `false`: it is there already. */
export const insertTuple = async (tx: Transaction, tuple: StoredTuple): Promise<boolean> => {
  const made = await tx.run(
    `insert into relation_tuple (${KEY}, id, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict do nothing returning id`,
    [...keyOf(tuple), tuple.id, tuple.createdAt],
  );
  return made.length > 0;
};

/*
 * subject_set: the subject and, step by step, every group that it is in. object: the resources and what they are linked to.
 * Then the edges between the two, the memberships, and the links. UNION ends cycles. Lists travel as JSON text: the driver
 * knows no array types without asking the server for them.
 */
const NEIGHBOURHOOD = `
  with recursive
  link (type, relation) as (select value ->> 0, value ->> 1 from json_array_elements($5::text::json)),
  subject_set (type, id, relation) as (
    select $1::text, $2::text, $3::text
    union
    select t.resource_type, t.resource_id, t.relation
    from subject_set s
    join relation_tuple t
      on t.subject_type = s.type and t.subject_id = s.id and t.subject_relation = s.relation and t.resource_type = 'group'),
  object (type, id) as (
    select value ->> 'type', value ->> 'id' from json_array_elements($4::text::json)
    union
    select t.subject_type, t.subject_id
    from object o
    join relation_tuple t on t.resource_type = o.type and t.resource_id = o.id and t.subject_relation = ''
    join link l on l.type = t.resource_type and l.relation = t.relation)
  select t.* from subject_set s
  join relation_tuple t
    on t.subject_type = s.type and t.subject_id = s.id and t.subject_relation = s.relation and t.resource_type = 'group'
  union
  select t.* from object o
  join relation_tuple t on t.resource_type = o.type and t.resource_id = o.id
  join subject_set s on t.subject_type = s.type and t.subject_id = s.id and t.subject_relation = s.relation
  union
  select t.* from object o
  join relation_tuple t on t.resource_type = o.type and t.resource_id = o.id
  join link l on l.type = t.resource_type and l.relation = t.relation`;

export const tupleRecords = (db: Database): RelationTupleRecords => ({
  neighbourhood: async ({ subject, resources, links }) => {
    const rows = await db.read<Row>(NEIGHBOURHOOD, [
      subject.type,
      subject.id,
      subject.relation ?? '',
      JSON.stringify(resources),
      JSON.stringify(links),
    ]);
    return rows.map(tupleOf);
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
      const gone = await tx.run(
        `delete from relation_tuple where (${KEY}) = ($1, $2, $3, $4, $5, $6) returning id`,
        keyOf(tuple),
      );
      if (gone.length === 0) return false;
      await insertEvent(tx, event);
      await writeAudit(tx, [line]);
      return true;
    }),

  listTuples: async ({ resource, subject }) => {
    const rows = await db.slowQuery<Row>(
      `select * from relation_tuple
       where ($1::text is null or (resource_type = $1 and resource_id = $2))
         and ($3::text is null or (subject_type = $3 and subject_id = $4))
       order by created_at, id`,
      [resource?.type ?? null, resource?.id ?? null, subject?.type ?? null, subject?.id ?? null],
    );
    return rows.map((row) => ({ ...tupleOf(row), id: row.id, createdAt: row.created_at }));
  },
});

const tupleOf = (row: Row): RelationTuple => ({
  resource: { type: row.resource_type, id: row.resource_id },
  relation: row.relation,
  subject: {
    type: row.subject_type,
    id: row.subject_id,
    ...(row.subject_relation === '' ? {} : { relation: row.subject_relation }),
  },
});
