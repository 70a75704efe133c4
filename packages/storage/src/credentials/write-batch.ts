/**
 * Writes versions of several concurrent requests with different names; `write-statement.ts` writes a single one. Versions
 * are written in the order of their names, so that two such statements never deadlock. The values are sent
 * as one JSON text.
 */
import { permissionPaths, type WriteRequest } from '@credplex/core';
import { type SQL, sql } from 'drizzle-orm';
import { AUDIT_COLUMNS, auditValues, insertAudit } from '../audit/audit-event.ts';
import { ALL, addOperations, heldBits, WRITE } from '../permissions/operations.ts';
import { excluded, listOf, nameOf, namesOf, recordDefinition, select } from '../postgres/fragments.ts';
import { defineStatement, type Parameters, type Statement } from '../postgres/statement.ts';
import { lowerName } from '../postgres/text.ts';
import { credential, credentialVersion, intent, permission } from '../schema/index.ts';
import { c } from './tables.ts';
import { ANY_TYPE_COLUMNS, anyTypeValues } from './version-row.ts';
import type { WrittenRecord } from './write-outcome.ts';

/** Larger values go alone: a batch stays small. */
const MAX_BYTES = 16_384;

/** Whether a write is of the plain kind: a version of no certificate, without entries for others. */
export function isBatchable({ version, grants }: WriteRequest): boolean {
  const { certificate, sealed, metadata, parameters, username, publicKey } = version;
  return (
    certificate === null &&
    grants.length === 0 &&
    sealed.bytes.length <= MAX_BYTES &&
    [metadata, parameters, username, publicKey].every((text) => text === null || text.length <= MAX_BYTES)
  );
}

/** `position`: of the request in its batch. */
interface BatchRecord extends WrittenRecord {
  readonly position: number;
}
interface BatchValues {
  readonly requests: string;
}
type BatchStatement = Statement<BatchValues, BatchRecord>;

/** Columns of a version and of its audit event; the rest of a request follows in {@link compile}. */
const STORED = { ...ANY_TYPE_COLUMNS, ...AUDIT_COLUMNS };
const input = (name: string) => sql`input.${sql.identifier(name)}`;

/** All requests of a batch have one shape. */
interface BatchShape {
  readonly expect: 'any' | 'absent' | 'known';
  readonly owns: boolean;
  readonly intent: boolean;
}

const MAY_WRITE = sql`input.held & ${WRITE} <> 0`;

/** Writes the rows of the names. Each one that is written has the id of its version as `"versionId"`. */
function upsertNames({ expect, owns, intent: hasIntent }: BatchShape): SQL {
  const intentIsOpen = hasIntent ? sql`input."intentId" in (select id from intent_open)` : sql`true`;
  const written = select({ credentialId: c.id, firstSpelling: c.name, seq: c.seq, versionId: c.activeId });
  const next = (id: SQL, createdAt: SQL): SQL =>
    sql`${nameOf(c.seq)} = ${c.seq} + 1, ${nameOf(c.activeId)} = ${id}, ${nameOf(c.listedAt)} = ${createdAt}`;
  if (expect === 'known')
    return sql`update ${credential} as ${c} set ${next(input('id'), input('createdAt'))}
      from (select * from input order by lower) as input
      where ${c.id} = input."expectedId" and ${c.nameLower} = input.lower and ${c.type} = input.type
        and (${c.seq} = input."expectedSeq" or input."expectedSeq" is null) and ${MAY_WRITE} and ${intentIsOpen}
      returning ${written}`;
  const conflict =
    expect === 'absent'
      ? sql`nothing`
      : sql`update set ${next(excluded(c.activeId), excluded(c.listedAt))}
          where ${c.type} = ${excluded(c.type)}
            and exists (select from input where input.id = ${excluded(c.activeId)} and ${MAY_WRITE})`;
  return sql`insert into ${credential} as ${c}
      (${namesOf([c.id, c.name, c.nameLower, c.type, c.seq, c.activeId, c.listedAt])})
    select gen_random_uuid(), input.name, input.lower, input.type, 1, ${input('id')}, ${input('createdAt')}
    from input where ${owns ? sql`true` : MAY_WRITE} and ${intentIsOpen} order by input.lower
    on conflict (${nameOf(c.nameLower)}) do ${conflict} returning ${written}`;
}

function compile(shape: BatchShape): BatchStatement {
  const ownership = sql`granted as (
      insert into ${permission} as p (${namesOf([permission.id, permission.path, permission.actor, permission.operations])})
      select gen_random_uuid(), written."firstSpelling", written.actor, ${ALL} from written
      where written.seq = 1 and written.actor is not null ${addOperations('p')}),`;
  const openIntents = sql`intent_open as materialized (
      select ${intent.id} from ${intent}
      where ${intent.id} = any(array(select input."intentId" from input)) and not ${intent.sweeping} for update),`;
  const closeIntents = sql`intent_closed as (
      delete from ${intent} using written where ${intent.id} = written."intentId"),`;
  const versionNames = Object.keys(ANY_TYPE_COLUMNS).map((name) => sql`written.${sql.identifier(name)}`);
  return defineStatement(
    (p: Parameters<BatchValues>) => sql<BatchRecord>`
    with input as materialized (
      select request.*, ${heldBits(sql`request.actor`, sql`request.paths`)} as held
      from json_to_recordset(${p.requests}::text::json) as request (position int, actor text, paths text[],
        name text, lower text, type text, "expectedId" uuid, "expectedSeq" bigint, "intentId" uuid,
        ${recordDefinition(STORED)})),
    ${shape.intent ? openIntents : sql``}
    upserted as (${upsertNames(shape)}),
    written as materialized (
      select input.*, upserted."credentialId", upserted."firstSpelling", upserted.seq
      from upserted join input on input.id = upserted."versionId"),
    version as (
      insert into ${credentialVersion}
        (${namesOf([credentialVersion.credentialId, credentialVersion.seq, ...Object.values(ANY_TYPE_COLUMNS)])})
      select written."credentialId", written.seq, ${listOf(versionNames)} from written),
    ${shape.owns && shape.expect !== 'known' ? ownership : sql``}
    ${shape.intent ? closeIntents : sql``}
    audit as (${insertAudit((name) => sql`written.${sql.identifier(name)}`, sql`from written`)})
    select position, "credentialId" as id, "firstSpelling" as name, seq from written`,
  );
}

/** Times and bytes as the input functions of their types read them. */
const written = (value: unknown): unknown =>
  value instanceof Uint8Array
    ? `\\x${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}`
    : value;

function rowOf(
  { access, name, type, version, expect, intent: intentId, audit }: WriteRequest,
  position: number,
): object {
  const values = anyTypeValues(version);
  return {
    ...values,
    sealed: written(values.sealed),
    ...auditValues(audit),
    position,
    actor: access.actor,
    paths: permissionPaths(name),
    name,
    lower: lowerName(name),
    type,
    ...(typeof expect === 'string' ? {} : { expectedId: expect.credentialId, expectedSeq: expect.seq }),
    ...(intentId === undefined ? {} : { intentId }),
  };
}

const keyOf = ({ expect, owns, intent: hasIntent }: BatchShape): string => `${expect} ${owns} ${hasIntent}`;

/** Returns what all requests of a batch have in common. */
export const shapeOf = ({ expect, creation, intent: intentId }: WriteRequest): string =>
  keyOf({
    expect: typeof expect === 'string' ? expect : 'known',
    owns: creation === 'anyone_and_owns',
    intent: intentId !== undefined,
  });

/** Requests of one {@link shapeOf}, with different names; the statement answers each version that was written. */
export type PickBatch = (requests: readonly [WriteRequest, ...WriteRequest[]]) => {
  readonly statement: BatchStatement;
  readonly values: BatchValues;
};

/** Compiles the statements of all shapes. */
export function compileBatches(): PickBatch {
  const statements = new Map<string, BatchStatement>();
  for (const expect of ['any', 'absent', 'known'] as const)
    for (const owns of [false, true])
      for (const hasIntent of [false, true]) {
        const shape = { expect, owns, intent: hasIntent };
        statements.set(keyOf(shape), compile(shape));
      }
  return (requests) => ({
    statement: statements.get(shapeOf(requests[0])) as BatchStatement,
    values: { requests: JSON.stringify(requests.map(rowOf)) },
  });
}
