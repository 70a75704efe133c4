/**
 * Large values on their way into a row. The driver writes a parameter as one hexadecimal text on the event loop, so a value of
 * many bytes travels in slices into a large object (PostgreSQL, "Large Objects"), which the statement that stores the value
 * reads and the same transaction drops: nothing of it is left, whether the transaction commits or not.
 */
import type { Transaction, Value } from './database.ts';

const LARGE_BYTES = 1024 * 1024;
/** Encoding a slice takes a few milliseconds. */
const SLICE_BYTES = 512 * 1024;

export const isLarge = (bytes: Uint8Array): boolean => bytes.length > LARGE_BYTES;

/** Runs a statement with a `bytea` parameter whose value is `bytes`; no other parameter may be a `bytea`. */
export async function runStaged<Row extends object>(
  tx: Transaction,
  { text, values }: { readonly text: string; readonly values: readonly Value[] },
  bytes: Uint8Array,
): Promise<Row[]> {
  const oid = await stage(tx, bytes);
  const rows = await tx.run<Row>(
    text.replace(/\$(\d+)::bytea/, 'lo_get($$$1::oid)'),
    values.map((value) => (value === bytes ? oid : value)),
  );
  await tx.run('select lo_unlink($1::oid)', [oid]);
  return rows;
}

async function stage(tx: Transaction, bytes: Uint8Array): Promise<number> {
  const [made] = await tx.run<{ oid: number }>('select lo_from_bytea(0, $1::bytea) as oid', [
    bytes.subarray(0, SLICE_BYTES),
  ]);
  const oid = made?.oid ?? 0;
  for (let at = SLICE_BYTES; at < bytes.length; at += SLICE_BYTES) {
    await tx.run('select lo_put($1::oid, $2::bigint, $3::bytea)', [oid, at, bytes.subarray(at, at + SLICE_BYTES)]);
  }
  return oid;
}
