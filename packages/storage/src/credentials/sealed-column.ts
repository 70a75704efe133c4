/**
 * How much of `sealed` a read takes along. The driver decodes a row in one go on the event loop, and an answer is in memory as a
 * whole: a large value stays in the row, and {@link loadSealed} fetches it in slices when it is opened.
 */
import { CredError, type Sealed } from '@credplex/core';
import type { Database } from '../postgres/database.ts';

/** Bytes of one value, and of all values of one answer, that travel with their rows. */
const INLINE_BYTES = 256 * 1024;
const INLINE_BYTES_OF_ALL = 1024 * 1024;
/** Decoding a slice takes a few milliseconds. */
const SLICE_BYTES = 512 * 1024;

/** Where the value stays behind, `sealed` is null and `format` its length: a column more would cost each small read. */
const unless = (large: string): string =>
  `v.key_id, case when ${large} then octet_length(v.sealed) else v.format::int end as format,
    case when ${large} then null else v.sealed end as sealed`;

/** Of `credential_version v`. */
export const sealedColumns = unless(`octet_length(v.sealed) > ${INLINE_BYTES}`);

/** For many rows; `order`: by what their values are added up. */
export const sealedColumnsOfMany = (order: string): string =>
  unless(`octet_length(v.sealed) > ${INLINE_BYTES}
    or sum(octet_length(v.sealed)) over (order by ${order} rows unbounded preceding) > ${INLINE_BYTES_OF_ALL}`);

const NOTHING = new Uint8Array();

export interface SealedRecord {
  readonly key_id: string;
  readonly format: number;
  readonly sealed: Uint8Array | null;
}

export const sealedOf = ({ key_id: keyId, format, sealed }: SealedRecord): Sealed =>
  sealed === null ? { keyId, format: 0, bytes: NOTHING, deferredBytes: format } : { keyId, format, bytes: sealed };

const slice = `select substring(sealed from $2::int for $3::int) as sealed, octet_length(sealed) as length, key_id, format
  from credential_version where id = $1::uuid`;

/** Reads the sealed value of a version in slices. @throws CredError `credential_not_found` when it was deleted meanwhile */
export async function loadSealed(db: Pick<Database, 'slowQuery'>, id: string): Promise<Sealed> {
  for (;;) {
    const sealed = await loadOnce(db, id);
    if (sealed !== undefined) return sealed;
  }
}

/** `undefined`: the value was sealed under another key between two slices. */
async function loadOnce(db: Pick<Database, 'slowQuery'>, id: string): Promise<Sealed | undefined> {
  let whole: { readonly sealed: Sealed; readonly bytes: Uint8Array } | undefined;
  let at = 0;
  do {
    const [row] = await db.slowQuery<SealedRecord & { length: number }>(slice, [id, at + 1, SLICE_BYTES]);
    if (row === undefined) throw new CredError('credential_not_found');
    const { key_id: keyId, format, length } = row;
    const sealed = row.sealed ?? NOTHING;
    if (whole === undefined) {
      const bytes = new Uint8Array(length);
      whole = { bytes, sealed: { keyId, format, bytes } };
    } else if (whole.sealed.keyId !== keyId || whole.bytes.length !== length) return undefined;
    whole.bytes.set(sealed, at);
    at += sealed.length;
    if (sealed.length === 0) break;
  } while (at < whole.bytes.length);
  return whole.sealed;
}
