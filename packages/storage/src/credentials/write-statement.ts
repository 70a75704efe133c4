/**
 * Writes one version: permission, name, version, grants, intent and audit in one prepared statement
 * (docs/decisions/0008-writes-that-come-together.md). The row of the name is locked by its upsert, so writers of one
 * name queue in the database, across processes. It answers with a `WrittenRecord`, or with nothing: then
 * `write-outcome.ts` says why.
 */
import { type Grant, permissionPaths, type SignerState, type WriteRequest } from '@credplex/core';
import { type SQL, sql } from 'drizzle-orm';
import { type AuditValues, auditValues, insertAuditOf } from '../audit/audit-event.ts';
import { ALL, addOperations, holds, toBits, WRITE, WRITE_ACL } from '../permissions/operations.ts';
import { excluded, listOf, nameOf, namesOf, recordDefinition, select, typeOf } from '../postgres/fragments.ts';
import { stagedBytes } from '../postgres/large-parameter.ts';
import { defineStatement, type Parameters, type Statement } from '../postgres/statement.ts';
import { lowerName, textArray } from '../postgres/text.ts';
import { credential, credentialVersion, intent, permission } from '../schema/index.ts';
import { lockedSigner } from './signer-lock.ts';
import { c } from './tables.ts';
import {
  ANY_TYPE_COLUMNS,
  type AnyTypeValues,
  anyTypeValues,
  CERTIFICATE_COLUMNS,
  type CertificateValues,
  certificateValues,
} from './version-row.ts';
import type { WrittenRecord } from './write-outcome.ts';

/** A statement per shape: each part that a request does not need is left out, since it costs up to a third of the statement. */
interface Shape {
  readonly expect: 'any' | 'absent' | 'known';
  readonly owns: boolean;
  readonly intent: boolean;
  /** A CA of another name signed the version. */
  readonly signer: boolean;
  readonly certificate: boolean;
  readonly grants: boolean;
  /** The value was sent before (`large-parameter.ts`). */
  readonly staged: boolean;
}

interface WriteValues extends AuditValues, AnyTypeValues, Partial<Omit<CertificateValues, keyof AnyTypeValues>> {
  readonly actor: string | null;
  readonly paths: string;
  readonly name: string;
  readonly nameLower: string;
  readonly type: string;
  /** JSON list of path, actor and operations. */
  readonly grants?: string;
  readonly expectedId?: string;
  readonly expectedSeq?: number | null;
  readonly intentId?: string;
  readonly signerId?: string;
  readonly signerActiveId?: string | null;
  readonly signerTransitionalId?: string | null;
  readonly stagedId?: string;
}

type Values = Parameters<WriteValues>;
type WriteStatement = Statement<WriteValues, WrittenRecord>;

const written = { id: c.id, name: c.name, seq: c.seq };
const GRANT_COLUMNS = { path: permission.path, actor: permission.actor, operations: permission.operations };
const PERMISSION_COLUMNS = [permission.id, permission.path, permission.actor, permission.operations];

/** Values of the row of the name, which the first version of a name inserts and any later one updates. */
function nameRow(p: Values, { certificate }: Shape) {
  const id = sql`${p.id}::uuid`;
  const createdAt = sql`${p.createdAt}::timestamptz`;
  const transitional = certificate ? sql`${p.transitional}::boolean` : sql`false`;
  return {
    set: sql`${nameOf(c.seq)} = ${c.seq} + 1,
      ${nameOf(c.activeId)} = case when ${transitional} then ${c.activeId} else ${id} end,
      ${nameOf(c.transitionalId)} = case when ${transitional} then ${id} else ${c.transitionalId} end,
      ${nameOf(c.listedAt)} = case when ${transitional} then ${c.listedAt} else ${createdAt} end`,
    columns: namesOf([c.id, c.name, c.nameLower, c.type, c.seq, c.activeId, c.transitionalId, c.listedAt]),
    values: sql`gen_random_uuid(), ${p.name}::text, ${p.nameLower}::text, ${p.type}::text, 1,
      case when not ${transitional} then ${id} end, case when ${transitional} then ${id} end,
      case when not ${transitional} then ${createdAt} end`,
  };
}

function upsertName(p: Values, shape: Shape): SQL {
  const paths = sql`${p.paths}::text[]`;
  const mayWrite = holds(p.actor, paths, WRITE);
  const mayGrant = shape.grants ? sql`and ${holds(p.actor, paths, WRITE_ACL)}` : sql``;
  const intentIsOpen = shape.intent ? sql`and exists (select from intent_open)` : sql``;
  const signerIsUnchanged = shape.signer ? sql`and exists (select from signer_locked)` : sql``;
  const row = nameRow(p, shape);
  if (shape.expect === 'known')
    return sql`update ${credential} as ${c} set ${row.set}
      where ${c.nameLower} = ${p.nameLower}::text and ${c.id} = ${p.expectedId}::uuid
        and (${c.seq} = ${p.expectedSeq}::bigint or ${p.expectedSeq}::bigint is null) and ${c.type} = ${p.type}::text
        and ${mayWrite} ${mayGrant} ${intentIsOpen} ${signerIsUnchanged}`;
  const onConflict =
    shape.expect === 'absent'
      ? sql`nothing`
      : sql`update set ${row.set} where ${c.type} = ${excluded(c.type)} and ${mayWrite} ${mayGrant}`;
  return sql`insert into ${credential} as ${c} (${row.columns}) select ${row.values}
    where ${shape.owns ? sql`true` : mayWrite} ${intentIsOpen} ${signerIsUnchanged}
    on conflict (${nameOf(c.nameLower)}) do ${onConflict}`;
}

function insertVersion(p: Values, { certificate, staged }: Shape): SQL {
  const columns = certificate ? CERTIFICATE_COLUMNS : ANY_TYPE_COLUMNS;
  const values = Object.entries(columns).map(([name, column]) =>
    staged && name === 'sealed'
      ? stagedBytes(p.stagedId)
      : sql`${p[name as keyof CertificateValues]}::${typeOf(column)}`,
  );
  return sql`insert into ${credentialVersion}
      (${namesOf([credentialVersion.credentialId, credentialVersion.seq, ...Object.values(columns)])})
    select upserted.id, upserted.seq, ${listOf(values)} from upserted`;
}

/** Entries for the creator of a name and for `additional_permissions`; undefined where neither can be. */
function insertPermissions(p: Values, { expect, owns, grants }: Shape): SQL | undefined {
  const entries: SQL[] = [];
  if (owns && expect !== 'known')
    entries.push(sql`select gen_random_uuid(), upserted.name, ${p.actor}::text, ${ALL} from upserted
      where upserted.seq = 1 and ${p.actor}::text is not null`);
  if (grants)
    entries.push(sql`select gen_random_uuid(), g.path, g.actor, g.operations from upserted,
      json_to_recordset(${p.grants}::text::json) as g (${recordDefinition(GRANT_COLUMNS)})`);
  if (entries.length === 0) return undefined;
  const rows = grants
    ? sql`select (array_agg(g.id))[1], g.path, g.actor, bit_or(g.operations)
        from (${sql.join(entries, sql` union all `)}) as g (id, path, actor, operations)
        group by g.path, g.actor order by g.path, g.actor`
    : sql.join(entries);
  return sql`insert into ${permission} as p (${namesOf(PERMISSION_COLUMNS)}) ${rows} ${addOperations('p')}`;
}

function compile(shape: Shape): WriteStatement {
  return defineStatement((p: Values) => {
    const permissions = insertPermissions(p, shape);
    const openIntent = sql`intent_open as materialized (
      select from ${intent} where ${intent.id} = ${p.intentId}::uuid and not ${intent.sweeping} for update),`;
    const closeIntent = sql`intent_closed as (
      delete from ${intent} using upserted where ${intent.id} = ${p.intentId}::uuid),`;
    const lockSigner = sql`signer_locked as materialized (
      ${lockedSigner({ id: p.signerId, activeId: p.signerActiveId, transitionalId: p.signerTransitionalId })}),`;
    return sql<WrittenRecord>`with ${shape.intent ? openIntent : sql``} ${shape.signer ? lockSigner : sql``}
      upserted as (${upsertName(p, shape)} returning ${select(written)}),
      version as (${insertVersion(p, shape)}),
      ${permissions ? sql`granted as (${permissions}),` : sql``}
      ${shape.intent ? closeIntent : sql``}
      audit as (${insertAuditOf(p, sql`from upserted`)})
      select id, name, seq from upserted`;
  });
}

const keyOf = ({ expect, owns, intent: open, signer, certificate, grants, staged }: Shape): string =>
  `${expect} ${owns} ${open} ${signer} ${certificate} ${grants} ${staged}`;

const BOTH = [false, true];

/** All but the rare ones: `additional_permissions`, which CredHub deprecates, and large values. */
function* commonShapes(): Generator<Shape> {
  for (const expect of ['any', 'absent', 'known'] as const)
    for (const owns of BOTH)
      for (const open of BOTH)
        for (const certificate of BOTH)
          yield { expect, owns, intent: open, signer: false, certificate, grants: false, staged: false };
}

const grantsJson = (grants: readonly Grant[]): string =>
  JSON.stringify(grants.map(({ path, actor, operations }) => ({ path, actor, operations: toBits(operations) })));

function signerValues({ credentialId, activeId, transitionalId }: SignerState) {
  return { signerId: credentialId, signerActiveId: activeId, signerTransitionalId: transitionalId };
}

function valuesOf(request: WriteRequest): WriteValues {
  const { access, name, type, expect, version, intent: open, signer, grants } = request;
  return {
    ...(version.certificate === null ? anyTypeValues(version) : certificateValues(version)),
    ...auditValues(request.audit),
    actor: access.actor,
    paths: textArray(permissionPaths(name)),
    name,
    nameLower: lowerName(name),
    type,
    ...(grants.length > 0 ? { grants: grantsJson(grants) } : {}),
    ...(typeof expect === 'string' ? {} : { expectedId: expect.credentialId, expectedSeq: expect.seq }),
    ...(open === undefined ? {} : { intentId: open }),
    ...(signer === undefined ? {} : signerValues(signer)),
  };
}

/** Picks the statement of a request; `stagedId`: where its value was staged. */
export type PickWrite = (
  request: WriteRequest,
  stagedId?: string,
) => { readonly statement: WriteStatement; readonly values: WriteValues };

/** Compiles the statements of common shapes; a rare one is compiled when it is first needed, since 72 of them take 0.1 s. */
export function compileWrites(): PickWrite {
  const statements = new Map<string, WriteStatement>();
  const statementOf = (shape: Shape): WriteStatement => {
    const key = keyOf(shape);
    const statement = statements.get(key) ?? compile(shape);
    statements.set(key, statement);
    return statement;
  };
  for (const shape of commonShapes()) statementOf(shape);
  return (request, stagedId) => {
    const { expect, creation, intent: open, signer, version, grants } = request;
    const values = stagedId === undefined ? valuesOf(request) : { ...valuesOf(request), stagedId };
    const statement = statementOf({
      expect: typeof expect === 'string' ? expect : 'known',
      owns: creation === 'anyone_and_owns',
      intent: open !== undefined,
      signer: signer !== undefined,
      certificate: version.certificate !== null,
      grants: grants.length > 0,
      staged: stagedId !== undefined,
    });
    return { statement, values };
  };
}
