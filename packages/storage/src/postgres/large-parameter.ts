/**
 * Large values on their way into a row. The driver writes a parameter as one hexadecimal text on the event loop, so a value of
 * many bytes is sent in slices into a temporary table, which costs no write-ahead log and ends with the transaction; the
 * statement that stores the value concatenates them. Where we may not create temporary tables, the value is sent
 * as one parameter.
 */
import { randomUUID } from 'node:crypto';
import { type SQL, sql } from 'drizzle-orm';
import type { Transaction } from './execute.ts';
import { defineStatement, type Parameters } from './statement.ts';

const LARGE_BYTES = 1024 * 1024;
/** Encoding a slice takes a few milliseconds. */
const SLICE_BYTES = 512 * 1024;

const CREATE = 'create temporary table if not exists staged_value (value uuid, at int, part bytea) on commit drop';
const MAY_CREATE = defineStatement(
  () => sql<{ temp: boolean }>`select has_database_privilege(current_database(), 'TEMPORARY') as temp`,
);
const APPEND = defineStatement(
  (p: Parameters<{ id: string; at: number; part: Uint8Array }>) =>
    sql`insert into staged_value values (${p.id}::uuid, ${p.at}::int, ${p.part}::bytea)`,
);
const REMOVE = defineStatement(
  (p: Parameters<{ id: string }>) => sql`delete from staged_value where value = ${p.id}::uuid`,
);

export const isLarge = (bytes: Uint8Array): boolean => bytes.length > LARGE_BYTES;

/** SQL for the bytes that {@link withStagedBytes} put under an id. */
export const stagedBytes = (id: SQL): SQL =>
  sql`(select string_agg(part, ''::bytea order by at) from staged_value where value = ${id}::uuid)`;

/** Runs `store`, whose statement reads the bytes by {@link stagedBytes}; without an id they could not be staged. */
export async function withStagedBytes<Result>(
  tx: Transaction,
  bytes: Uint8Array,
  store: (id: string | undefined) => Promise<Result>,
): Promise<Result> {
  const [privilege] = await tx.run(MAY_CREATE, {});
  if (privilege?.temp !== true) return store(undefined);
  await tx.script(CREATE);
  const id = randomUUID();
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    await tx.run(APPEND, { id, at, part: bytes.subarray(at, at + SLICE_BYTES) });
  }
  const result = await store(id);
  await tx.run(REMOVE, { id });
  return result;
}
