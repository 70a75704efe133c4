/** The statements of a key rotation, for each table with sealed rows. */
import { sql } from 'drizzle-orm';
import { nameOf, namesOf, select, typeOf } from '../postgres/fragments.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { intent } from '../schema/index.ts';
import type { SealedRow } from './sealed-row.ts';
import { SEALED_TABLES, type SealedTable, tableNameOf } from './sealed-tables.ts';

interface BatchValues {
  readonly activeKeyId: string;
  readonly after: string;
  readonly maxRows: number;
  /** Of sealed values; the row that reaches it is the last one. */
  readonly maxBytes: number;
}

/** Sums the lengths first: PostgreSQL knows them without reading the values. */
function nextRows({ table, id, ref, path, keyId, format, sealed, exists }: SealedTable) {
  return defineStatement((p: Parameters<BatchValues>) => {
    const row = { id: sql<string>`${id}::text`, ref, path, keyId, format, sealed };
    return sql<RotatedRow>`with lengths as (
        select ${id} as row_id, octet_length(${sealed}) as bytes from ${table}
        where ${keyId} <> ${p.activeKeyId} and ${id} > ${p.after}::${typeOf(id)} and ${exists}
        order by ${id} limit ${p.maxRows}),
      sums as (select row_id, sum(bytes) over (order by row_id) - bytes as bytes_before from lengths)
      select ${select(row)} from sums join ${table} on ${id} = row_id
      where bytes_before < ${p.maxBytes}::bigint order by ${id}`;
  });
}

export interface RotatedRow extends SealedRow {
  readonly id: string;
  readonly ref: string;
  readonly path: string;
}

interface Replacement {
  readonly id: string;
  readonly fromKeyId: string;
  readonly fromFormat: number;
  readonly fromSealed: Uint8Array;
  readonly keyId: string;
  readonly format: number;
  readonly sealed: Uint8Array;
  readonly intentId: string | null;
  readonly orphanId: string | null;
  readonly path: string;
  readonly ref: string;
}

const INTENT_COLUMNS = [intent.id, intent.path, intent.purpose, intent.ref, intent.keyId, intent.sweeping];

/**
 * Replaces the sealed value unless the row has changed since it was read. When the value leaves a remote vault, the statement also
 * inserts the intent to destroy the old document.
 */
function replaceRow({ table, id, purpose, keyId, format, sealed }: SealedTable) {
  return defineStatement(
    (p: Parameters<Replacement>) => sql`with changed as (
        update ${table} set ${nameOf(keyId)} = ${p.keyId}::text, ${nameOf(format)} = ${p.format}::smallint,
          ${nameOf(sealed)} = ${p.sealed}::bytea
        where ${id} = ${p.id}::${typeOf(id)} and ${keyId} = ${p.fromKeyId}::text and ${format} = ${p.fromFormat}::smallint
          and ${sealed} = ${p.fromSealed}::bytea
          and (${p.intentId}::uuid is null
            or exists (select from ${intent} where ${intent.id} = ${p.intentId}::uuid and not ${intent.sweeping}))
        returning ${id}),
      intent_closed as (
        delete from ${intent} where ${intent.id} = ${p.intentId}::uuid and exists (select from changed)),
      orphan as (insert into ${intent} (${namesOf(INTENT_COLUMNS)})
        select ${p.orphanId}::uuid, ${p.path}::text, ${purpose}, ${p.ref}::text, ${p.fromKeyId}::text, true
        from changed where ${p.orphanId}::uuid is not null)
      select from changed`,
  );
}

export const ROTATED_TABLES = SEALED_TABLES.map((sealedTable) => ({
  ...sealedTable,
  name: tableNameOf(sealedTable),
  next: nextRows(sealedTable),
  replace: replaceRow(sealedTable),
}));
export type RotatedTable = (typeof ROTATED_TABLES)[number];
