/**
 * The hot write of one version: permission, name, version, grants, intent and audit in one prepared statement (house 3.4). The row
 * of the name is locked by its upsert, so writers of one name queue in the database, across processes.
 */
import { permissionPaths, type WriteRequest } from '@credplex/core';
import { auditColumnNames, auditParameters, auditValues } from './audit-event.ts';
import type { Value } from './database.ts';
import { ALL, heldBits, WRITE, WRITE_ACL } from './operations.ts';
import { lowerName, textArray } from './text.ts';
import { newVersionColumns, newVersionValues, plainVersionColumns, plainVersionValues } from './version-row.ts';
import { grantsJson } from './write-outcome.ts';

interface Shape {
  readonly expect: 'any' | 'absent' | 'known';
  readonly intent: boolean;
  readonly certificate: boolean;
  /** `owner`: the creator's entry at most. Each part that is not needed is left out: they cost a third of the statement. */
  readonly grants: 'none' | 'owner' | 'listed';
}

// $1 actor, $2 its paths, $3 name, $4 name folded, $5 type, $6 whether anyone may create and then owns, $7 grants as JSON;
// then the version, the audit event, and last what the shape needs.
const versionStart = 8;

function statement({ expect, intent, certificate, grants }: Shape): string {
  const columns = certificate ? newVersionColumns : plainVersionColumns;
  const auditStart = versionStart + columns.length;
  const shapeStart = auditStart + 7;
  const parameterOf = (column: string): string => {
    const index = columns.findIndex(([name]) => name === column);
    return `$${versionStart + index}::${columns[index]?.[1]}`;
  };
  const transitional = certificate ? parameterOf('transitional') : 'false';
  const id = parameterOf('id');
  const mayWrite = `(select ops from held) & ${WRITE} <> 0`;
  const mayGrant = `($7::text = '[]' or (select ops from held) & ${WRITE_ACL} <> 0)`;
  const promised = intent ? 'exists (select from promise)' : 'true';
  const changes = (next: string): string => `seq = c.seq + 1,
      active_id = case when ${transitional} then c.active_id else ${next} end,
      transitional_id = case when ${transitional} then ${next} else c.transitional_id end,
      listed_at = case when ${transitional} then c.listed_at else ${parameterOf('created_at')} end`;
  const insert = `insert into credential as c (id, name, name_lower, type, seq, active_id, transitional_id, listed_at)
    select gen_random_uuid(), $3::text, $4::text, $5::text, 1, case when not ${transitional} then ${id} end,
      case when ${transitional} then ${id} end, case when not ${transitional} then ${parameterOf('created_at')} end
    where ($6::boolean or ${mayWrite}) and ${promised}
    on conflict (name_lower) do `;
  const named = {
    any: `${insert} update set ${changes(id)}
      where c.type = excluded.type and ${mayWrite} and ${mayGrant}`,
    absent: `${insert} nothing`,
    known: `update credential as c set ${changes(id)}
      where c.name_lower = $4::text and c.id = $${shapeStart}::uuid
        and (c.seq = $${shapeStart + 1}::bigint or $${shapeStart + 1}::bigint is null) and c.type = $5::text
        and ${mayWrite} and ${mayGrant} and ${promised}`,
  };
  const owner = `select gen_random_uuid(), named.name, $1::text, ${ALL} from named where named.seq = 1 and $6::boolean and $1::text is not null`;
  const grant = (rows: string): string => `granted as (insert into permission as p (id, path, actor, operations) ${rows}
    on conflict (actor, path) do update set operations = p.operations | excluded.operations),`;
  const granted = {
    none: '',
    owner: grant(owner),
    listed: grant(`select (array_agg(g.id))[1], g.path, g.actor, bit_or(g.operations) from (
        ${owner}
        union all
        select gen_random_uuid(), g.path, g.actor, g.operations from named, json_to_recordset($7::text::json) as g (path text, actor text, operations int)
      ) as g (id, path, actor, operations) group by g.path, g.actor order by g.path, g.actor`),
  };
  const intentParameter = `$${shapeStart + (expect === 'known' ? 2 : 0)}::uuid`;
  return `with held as materialized (select ${heldBits('$1', '$2::text[]')} as ops),
    ${intent ? `promise as materialized (select from intent where id = ${intentParameter} and not sweeping for update),` : ''}
    named as (${named[expect]}
      returning c.id, c.name, c.seq),
    version as (insert into credential_version (credential_id, seq, ${columns.map(([name]) => name).join(', ')})
      select named.id, named.seq, ${columns.map(([name]) => parameterOf(name)).join(', ')} from named),
    ${granted[grants]}
    ${intent ? `kept as (delete from intent using named where intent.id = ${intentParameter}),` : ''}
    told as (insert into audit_event (${auditColumnNames}) select ${auditParameters(auditStart)} from named)
    select (select ops from held) as held, before.id as before_id, before.type as before_type, before.seq as before_seq,
      named.id, named.name, named.seq
    from (values ($3::text, $6::boolean, $7::text)) as one left join named on true
      left join lateral (select id, type, seq from credential where name_lower = $4::text and named.id is null) as before on true`;
}

const texts = new Map<string, string>();

function statementFor(shape: Shape): string {
  const key = `${shape.expect} ${shape.intent} ${shape.certificate} ${shape.grants}`;
  let text = texts.get(key);
  if (text === undefined) {
    text = statement(shape);
    texts.set(key, text);
  }
  return text;
}

/** @returns the statement, which answers with one `WriteRecord`, and its values. */
export function writeOne(request: WriteRequest): { readonly text: string; readonly values: Value[] } {
  const { access, name, type, expect, version, intent, creation, grants } = request;
  const known = expect === 'any' || expect === 'absent' ? undefined : expect;
  const owns = creation === 'anyone_and_owns';
  const values: Value[] = [
    access.actor,
    textArray(permissionPaths(name)),
    name,
    lowerName(name),
    type,
    owns,
    grantsJson(grants),
    ...(version.certificate === null ? plainVersionValues(version) : newVersionValues(version)),
    ...auditValues(request.audit),
  ];
  if (known) values.push(known.credentialId, known.seq);
  if (intent !== undefined) values.push(intent);
  const text = statementFor({
    expect: expect === 'any' || expect === 'absent' ? expect : 'known',
    intent: intent !== undefined,
    certificate: version.certificate !== null,
    grants: grants.length > 0 ? 'listed' : owns && !known ? 'owner' : 'none',
  });
  return { text, values };
}
