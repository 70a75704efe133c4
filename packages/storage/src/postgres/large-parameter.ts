/**
 * Large values on their way into a row. The driver writes a parameter as one hexadecimal text on the event loop, so a value of
 * many bytes travels in slices into a temporary table, which costs no write-ahead log and ends with the transaction; the
 * statement that stores the value puts them together. Where the database lets us make no temporary table, the value travels
 * as one parameter.
 */
import { randomUUID } from 'node:crypto';
import type { Transaction, Value } from './database.ts';

const LARGE_BYTES = 1024 * 1024;
/** Encoding a slice takes a few milliseconds. */
const SLICE_BYTES = 512 * 1024;

export const isLarge = (bytes: Uint8Array): boolean => bytes.length > LARGE_BYTES;

interface Statement {
  readonly text: string;
  readonly values: readonly Value[];
}

/** Runs a statement with a `bytea` parameter whose value is `bytes`; no other parameter may be a `bytea`. */
export async function runStaged<Row extends object>(
  tx: Transaction,
  { text, values }: Statement,
  bytes: Uint8Array,
): Promise<Row[]> {
  const staged = await stage(tx, bytes);
  if (staged === undefined) return tx.run<Row>(text, values);
  const rows = await tx.run<Row>(
    text.replace(
      /\$(\d+)::bytea/,
      `(select string_agg(part, ''::bytea order by at) from staged_value where value = $$$1::uuid)`,
    ),
    values.map((value) => (value === bytes ? staged : value)),
  );
  await tx.run('delete from staged_value where value = $1::uuid', [staged]);
  return rows;
}

/** The id of the value in the temporary table; `undefined`: there can be none. */
async function stage(tx: Transaction, bytes: Uint8Array): Promise<string | undefined> {
  const [may] = await tx.run<{ temp: boolean }>(
    `select has_database_privilege(current_database(), 'TEMPORARY') as temp`,
  );
  if (may?.temp !== true) return undefined;
  await tx.script('create temporary table if not exists staged_value (value uuid, at int, part bytea) on commit drop');
  const id = randomUUID();
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    const part = bytes.subarray(at, at + SLICE_BYTES);
    await tx.run('insert into staged_value values ($1::uuid, $2::int, $3::bytea)', [id, at, part]);
  }
  return id;
}
