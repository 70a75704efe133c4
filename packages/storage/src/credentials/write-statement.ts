/**
 * The hot write of one version: permission, name, version, grants, intent and audit in one prepared statement
 * (docs/decisions/0008-writes-that-come-together.md). The row of the name is locked by its upsert, so writers of one
 * name queue in the database, across processes. It answers with a `WrittenRecord`, or with nothing: then
 * `write-outcome.ts` says why.
 */
import { type Grant, permissionPaths, type WriteRequest } from '@credplex/core';
import { auditColumnNames, auditColumns, auditValues } from '../audit/audit-event.ts';
import { ALL, holds, toBits, WRITE, WRITE_ACL } from '../permissions/operations.ts';
import type { Value } from '../postgres/database.ts';
import { lowerName, textArray } from '../postgres/text.ts';
import { newVersionColumns, newVersionValues, plainVersionColumns, plainVersionValues } from './version-row.ts';

interface Shape {
  readonly expect: 'any' | 'absent' | 'known';
  readonly owns: boolean;
  readonly intent: boolean;
  readonly certificate: boolean;
  readonly grants: boolean;
}

/** Each part that a request does not need is left out, with its parameters: they cost a third of the statement. */
function statement({ expect, owns, intent, certificate, grants }: Shape): string {
  const kinds: string[] = [];
  const parameter = (kind: string): string => `$${kinds.push(kind)}::${kind}`;
  const [actor, paths, name, nameLower, type] = ['text', 'text[]', 'text', 'text', 'text'].map(parameter) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const columns = certificate ? newVersionColumns : plainVersionColumns;
  const version = new Map(columns.map(([column, kind]) => [column, parameter(kind)]));
  const audit = auditColumns.map(([, kind]) => parameter(kind));
  const listed = grants ? parameter('text') : '';
  const known = expect === 'known' ? { id: parameter('uuid'), seq: parameter('bigint') } : undefined;
  const promise = intent ? parameter('uuid') : '';

  const id = version.get('id') ?? '';
  const createdAt = version.get('created_at') ?? '';
  const transitional = version.get('transitional') ?? 'false';
  const mayWrite = holds(actor, paths, WRITE);
  // PostgreSQL takes no parameter whose kind it does not see: each stands in every shape.
  const anyPath = `${paths} is not null`;
  const mayGrant = grants ? `and ${holds(actor, paths, WRITE_ACL)}` : '';
  const promised = intent ? 'and exists (select from promise)' : '';
  const set = `set seq = c.seq + 1,
      active_id = case when ${transitional} then c.active_id else ${id} end,
      transitional_id = case when ${transitional} then ${id} else c.transitional_id end,
      listed_at = case when ${transitional} then c.listed_at else ${createdAt} end`;
  const insert = `insert into credential as c (id, name, name_lower, type, seq, active_id, transitional_id, listed_at)
    select gen_random_uuid(), ${name}, ${nameLower}, ${type}, 1, case when not ${transitional} then ${id} end,
      case when ${transitional} then ${id} end, case when not ${transitional} then ${createdAt} end
    where ${owns ? anyPath : mayWrite} ${promised}
    on conflict (name_lower) do`;
  const named = {
    any: `${insert} update ${set} where c.type = excluded.type and ${mayWrite} ${mayGrant}`,
    absent: `${insert} nothing`,
    known: `update credential as c ${set} where c.name_lower = ${nameLower} and c.id = ${known?.id}
      and (c.seq = ${known?.seq} or ${known?.seq} is null) and c.type = ${type} and ${name} is not null
      and ${mayWrite} ${mayGrant} ${promised}`,
  };
  const entries: string[] = [];
  if (owns && expect !== 'known')
    entries.push(
      `select gen_random_uuid(), named.name, ${actor}, ${ALL} from named where named.seq = 1 and ${actor} is not null`,
    );
  if (grants)
    entries.push(`select gen_random_uuid(), g.path, g.actor, g.operations from named,
      json_to_recordset(${listed}::json) as g (path text, actor text, operations int)`);
  const rows = grants
    ? `select (array_agg(g.id))[1], g.path, g.actor, bit_or(g.operations) from (${entries.join(' union all ')})
        as g (id, path, actor, operations) group by g.path, g.actor order by g.path, g.actor`
    : entries.join();
  const granted = `granted as (insert into permission as p (id, path, actor, operations) ${rows}
    on conflict (actor, path) do update set operations = p.operations | excluded.operations),`;
  return `with ${intent ? `promise as materialized (select from intent where id = ${promise} and not sweeping for update),` : ''}
    named as (${named[expect]} returning c.id, c.name, c.seq),
    version as (insert into credential_version (credential_id, seq, ${[...version.keys()].join(', ')})
      select named.id, named.seq, ${[...version.values()].join(', ')} from named),
    ${entries.length > 0 ? granted : ''}
    ${intent ? `kept as (delete from intent using named where intent.id = ${promise}),` : ''}
    told as (insert into audit_event (${auditColumnNames}) select ${audit.join(', ')} from named)
    select id, name, seq from named`;
}

const texts = new Map<string, string>();

function textFor(shape: Shape): string {
  const key = `${shape.expect} ${shape.owns} ${shape.intent} ${shape.certificate} ${shape.grants}`;
  let text = texts.get(key);
  if (text === undefined) {
    text = statement(shape);
    texts.set(key, text);
  }
  return text;
}

const grantsJson = (grants: readonly Grant[]): string =>
  JSON.stringify(grants.map(({ path, actor, operations }) => ({ path, actor, operations: toBits(operations) })));

export function singleStatement(request: WriteRequest): { readonly text: string; readonly values: Value[] } {
  const { access, name, type, expect, version, intent, creation, grants } = request;
  const values: Value[] = [access.actor, textArray(permissionPaths(name)), name, lowerName(name), type];
  values.push(...(version.certificate === null ? plainVersionValues(version) : newVersionValues(version)));
  values.push(...auditValues(request.audit));
  if (grants.length > 0) values.push(grantsJson(grants));
  if (expect !== 'any' && expect !== 'absent') values.push(expect.credentialId, expect.seq);
  if (intent !== undefined) values.push(intent);
  const text = textFor({
    expect: expect === 'any' || expect === 'absent' ? expect : 'known',
    owns: creation === 'anyone_and_owns',
    intent: intent !== undefined,
    certificate: version.certificate !== null,
    grants: grants.length > 0,
  });
  return { text, values };
}
