/**
 * The hot write: permission, name, version, grants, intent and audit in one prepared statement (house 3.4). The row of the name
 * is locked by its upsert, so writers of one name queue in the database, across processes.
 */
import { type Grant, permissionPaths, type WriteRequest, type WriteResult } from '@credplex/core';
import { auditColumnNames, auditParameters, auditValues } from './audit-event.ts';
import type { Database, Value } from './database.ts';
import { ALL, heldBits, toBits, WRITE, WRITE_ACL } from './operations.ts';
import { lowerName, textArray } from './text.ts';
import {
  newVersionColumns,
  newVersionValues,
  plainVersionColumns,
  plainVersionValues,
  writtenVersion,
} from './version-row.ts';

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

interface WriteRecord {
  readonly held: number;
  readonly before_id: string | null;
  readonly before_type: string | null;
  readonly before_seq: string | null;
  readonly id: string | null;
  readonly name: string;
  readonly seq: string;
}

const grantsJson = (grants: readonly Grant[]): string =>
  grants.length === 0
    ? '[]'
    : JSON.stringify(grants.map(({ path, actor, operations }) => ({ path, actor, operations: toBits(operations) })));

/** Why nothing was written, as far as the statement's own view of the database tells; `raced`: it does not tell. */
function refusal(request: WriteRequest, row: WriteRecord | undefined): WriteResult | 'raced' {
  const { expect, grants, creation, type } = request;
  const mayWrite = ((row?.held ?? 0) & WRITE) !== 0;
  const mayGrant = ((row?.held ?? 0) & WRITE_ACL) !== 0;
  if (!row || row.before_id === null) {
    if (creation === 'needs_write' && !mayWrite) return { outcome: 'denied' };
    return expect === 'any' && request.intent === undefined ? 'raced' : { outcome: 'changed' };
  }
  if (!mayWrite) return { outcome: 'denied' };
  if (row.before_type !== type) return { outcome: 'type_mismatch' };
  if (expect === 'absent') return { outcome: 'changed' };
  if (expect !== 'any') {
    const sameSeq = expect.seq === null || Number(row.before_seq) === expect.seq;
    if (row.before_id !== expect.credentialId || !sameSeq) return { outcome: 'changed' };
  }
  if (grants.length > 0 && !mayGrant) return { outcome: 'denied_acl' };
  // Everything looks right, so another writer or the sweeper came between: ask again or let the caller decide again.
  return expect === 'any' && request.intent === undefined ? 'raced' : { outcome: 'changed' };
}

export function createCredentialWrite(db: Database): (request: WriteRequest) => Promise<WriteResult> {
  return async function write(request) {
    const { access, name, type, expect, version, intent } = request;
    const known = expect === 'any' || expect === 'absent' ? undefined : expect;
    const values: Value[] = [
      access.actor,
      textArray(permissionPaths(name)),
      name,
      lowerName(name),
      type,
      request.creation === 'anyone_and_owns',
      grantsJson(request.grants),
      ...(version.certificate === null ? plainVersionValues(version) : newVersionValues(version)),
      ...auditValues(request.audit),
    ];
    if (known) values.push(known.credentialId, known.seq);
    if (intent !== undefined) values.push(intent);
    const text = statementFor({
      expect: known ? 'known' : (expect as 'any' | 'absent'),
      intent: intent !== undefined,
      certificate: version.certificate !== null,
      grants:
        request.grants.length > 0 ? 'listed' : request.creation === 'anyone_and_owns' && !known ? 'owner' : 'none',
    });
    for (;;) {
      const [row] = await db.write<WriteRecord>(text, values);
      if (row && row.id !== null) {
        const seq = Number(row.seq);
        return {
          outcome: 'written',
          created: seq === 1,
          row: writtenVersion(version, { id: row.id, name: row.name, type, seq }),
        };
      }
      const outcome = refusal(request, row);
      // Only after a name was created or removed between our look and our lock; the next look sees it.
      if (outcome !== 'raced') return outcome;
    }
  };
}
