/**
 * The hot write for several requests at once, of different names: what `write-statement.ts` says about one, said about rows. They
 * are written in the order of their names, so that two such statements never wait for each other in a circle. The values travel
 * as one JSON text.
 */
import { permissionPaths, type WriteRequest } from '@credplex/core';
import { auditColumnNames, auditColumns, auditValues } from '../audit/audit-event.ts';
import { ALL, heldBits, WRITE } from '../permissions/operations.ts';
import type { Value } from '../postgres/database.ts';
import { lowerName } from '../postgres/text.ts';
import { plainVersionColumns, plainVersionValues } from './version-row.ts';

/** Larger values go alone: a batch stays small. */
const largest = 16_384;

/** Whether a write is of the plain kind: nothing but a version of a name that need not be known. */
export function isBatchable({ expect, intent, version, grants }: WriteRequest): boolean {
  const { certificate, sealed, metadata, parameters, username, publicKey } = version;
  return (
    (expect === 'any' || expect === 'absent') &&
    intent === undefined &&
    certificate === null &&
    grants.length === 0 &&
    sealed.bytes.length <= largest &&
    [metadata, parameters, username, publicKey].every((text) => text === null || text.length <= largest)
  );
}

export const shapeOf = ({ expect, creation }: WriteRequest): string => `${expect} ${creation}`;

const versionNames = plainVersionColumns.map(([name]) => name);
const auditNames = auditColumns.map(([name]) => `audit_${name}`);

const fields = [
  ['n', 'int'],
  ['by', 'text'],
  ['paths', 'text[]'],
  ['name', 'text'],
  ['name_lower', 'text'],
  ['type', 'text'],
  ...plainVersionColumns,
  ...auditColumns.map(([name, kind]) => [`audit_${name}`, kind] as const),
] as const;

function statement(expect: 'any' | 'absent', owns: boolean): string {
  const conflict =
    expect === 'absent'
      ? 'nothing'
      : `update set seq = c.seq + 1, active_id = excluded.active_id, listed_at = excluded.listed_at
          where c.type = excluded.type
            and exists (select from asked where asked.id = excluded.active_id and asked.held & ${WRITE} <> 0)`;
  const granted = `granted as (insert into permission as p (id, path, actor, operations)
      select gen_random_uuid(), done.named, done.by, ${ALL} from done where done.seq = 1 and done.by is not null
      on conflict (actor, path) do update set operations = p.operations | excluded.operations),`;
  return `with asked as materialized (select one.*, ${heldBits('one.by', 'one.paths')} as held
      from json_to_recordset($1::text::json) as one (${fields.map(([name, kind]) => `${name} ${kind}`).join(', ')})),
    named as (insert into credential as c (id, name, name_lower, type, seq, active_id, listed_at)
      select gen_random_uuid(), name, name_lower, type, 1, id, created_at from asked
      ${owns ? '' : `where held & ${WRITE} <> 0`} order by name_lower
      on conflict (name_lower) do ${conflict}
      returning c.id, c.name, c.seq, c.active_id),
    done as materialized (select asked.*, named.id as credential_id, named.name as named, named.seq
      from named join asked on asked.id = named.active_id),
    version as (insert into credential_version (credential_id, seq, ${versionNames.join(', ')})
      select credential_id, seq, ${versionNames.join(', ')} from done),
    ${owns ? granted : ''}
    told as (insert into audit_event (${auditColumnNames}) select ${auditNames.join(', ')} from done)
    select n, held, credential_id as id, named as name, seq from done`;
}

const texts = new Map<string, string>();

/** Values as the input functions of their types read them. */
const written = (value: Value): unknown =>
  value instanceof Uint8Array
    ? `\\x${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}`
    : value;

function rowOf(request: WriteRequest, n: number): Record<string, unknown> {
  const { access, name, type, version, audit } = request;
  const row: Record<string, unknown> = {
    n,
    by: access.actor,
    paths: permissionPaths(name),
    name,
    name_lower: lowerName(name),
    type,
  };
  plainVersionValues(version).forEach((value, index) => {
    row[versionNames[index] as string] = written(value);
  });
  auditValues(audit).forEach((value, index) => {
    row[auditNames[index] as string] = written(value);
  });
  return row;
}

/**
 * @param requests of one {@link shapeOf}, with different names
 * @returns the statement, which answers each version that was written with a `WrittenRecord` and its place `n`, and its values
 */
export function batchStatement(requests: readonly WriteRequest[]): { readonly text: string; readonly values: Value[] } {
  const first = requests[0] as WriteRequest;
  const shape = shapeOf(first);
  let text = texts.get(shape);
  if (text === undefined) {
    text = statement(first.expect as 'any' | 'absent', first.creation === 'anyone_and_owns');
    texts.set(shape, text);
  }
  return { text, values: [JSON.stringify(requests.map(rowOf))] };
}
