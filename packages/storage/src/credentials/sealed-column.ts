/**
 * How much of `sealed` a read returns. The driver decodes a row without a break on the event loop, and an answer is in memory as a
 * whole: a large value stays in the row, and {@link loadSealed} fetches it in slices when it is opened.
 */
import { CredError, type Sealed } from '@credplex/core';
import { type SQL, sql } from 'drizzle-orm';
import type { Execute } from '../postgres/execute.ts';
import { type RowOf, select } from '../postgres/fragments.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { credentialVersion } from '../schema/index.ts';
import { toSealed } from '../vault/sealed-row.ts';
import { v } from './tables.ts';

/** Bytes of one value, and of all values of one answer, that are returned with their rows. */
const INLINE_BYTES = 256 * 1024;
/** Bytes of one value in the answer to a batch: 128 callers may each get some. A caller with a larger value is read alone. */
const INLINE_BYTES_IN_BATCH = 16 * 1024;
const INLINE_BYTES_OF_ALL = 1024 * 1024;
/** Decoding a slice takes a few milliseconds. */
const SLICE_BYTES = 512 * 1024;

const length = sql<number>`octet_length(${v.sealed})`;

/** Where the value is not returned, `sealed` is null and `format` its length: one more column would cost each small read. */
const unless = (large: SQL) => ({
  keyId: v.keyId,
  format: sql<number>`case when ${large} then ${length} else ${v.format}::int end`,
  sealed: sql<Uint8Array | null>`case when ${large} then null else ${v.sealed} end`,
});

export const sealedColumns = unless(sql`${length} > ${INLINE_BYTES}`);
export const sealedColumnsInBatch = unless(sql`${length} > ${INLINE_BYTES_IN_BATCH}`);

/** Whether a batch did not return a value of this caller. */
export const lacksValue = (rows: readonly Pick<RowOf<typeof sealedColumns>, 'sealed'>[]): boolean =>
  rows.some(({ sealed }) => sealed === null);

/** For many rows; `order`: by what their values are added up. */
export const sealedColumnsOfMany = (order: SQL) =>
  unless(sql`${length} > ${INLINE_BYTES}
    or sum(${length}) over (order by ${order} rows unbounded preceding) > ${INLINE_BYTES_OF_ALL}`);

const NOTHING = new Uint8Array();

export const sealedOf = ({ keyId, format, sealed }: RowOf<typeof sealedColumns>): Sealed =>
  sealed === null ? { keyId, format: 0, bytes: NOTHING, deferredBytes: format } : toSealed({ keyId, format, sealed });

const sliceColumns = {
  sealed: sql<Uint8Array>`substring(${credentialVersion.sealed} from ${sql.placeholder('from')}::int for ${SLICE_BYTES})`,
  length: sql<number>`octet_length(${credentialVersion.sealed})`,
  keyId: credentialVersion.keyId,
  format: credentialVersion.format,
};
const SLICE = defineStatement(
  (p: Parameters<{ id: string; from: number }>) => sql<RowOf<typeof sliceColumns>>`
    select ${select(sliceColumns)} from ${credentialVersion} where ${credentialVersion.id} = ${p.id}::uuid`,
);

/** Reads the sealed value of a version in slices. @throws CredError `credential_not_found` when it was deleted meanwhile */
export async function loadSealed(run: Execute, id: string): Promise<Sealed> {
  for (;;) {
    const sealed = await loadOnce(run, id);
    if (sealed !== undefined) return sealed;
  }
}

/** `undefined`: the value was sealed under another key between two slices. */
async function loadOnce(run: Execute, id: string): Promise<Sealed | undefined> {
  let whole: { readonly sealed: Sealed; readonly bytes: Uint8Array } | undefined;
  let at = 0;
  do {
    const [row] = await run(SLICE, { id, from: at + 1 });
    if (row === undefined) throw new CredError('credential_not_found');
    if (whole === undefined) {
      const bytes = new Uint8Array(row.length);
      whole = { bytes, sealed: toSealed({ ...row, sealed: bytes }) };
    } else if (whole.sealed.keyId !== row.keyId || whole.bytes.length !== row.length) return undefined;
    whole.bytes.set(row.sealed, at);
    at += row.sealed.length;
    if (row.sealed.length === 0) break;
  } while (at < whole.bytes.length);
  return whole.sealed;
}
