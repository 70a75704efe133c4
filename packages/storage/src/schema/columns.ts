/** Column types that the tables share. */
import { type SQL, sql } from 'drizzle-orm';
import { type AnyPgColumn, bigint, customType, timestamp } from 'drizzle-orm/pg-core';

/** Defines a column of bytes. drizzle has no `bytea`. */
export const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

/** Defines a text that is compared by its bytes, so that a folder of names is a range of the index. */
export const byteOrderedText = customType<{ data: string }>({ dataType: () => 'text collate "C"' });

/** Defines a point in time. */
export function time(name: string) {
  return timestamp(name, { withTimezone: true, mode: 'date' });
}

/** Defines a counter. No counter reaches 2^53, so it is a number in code. */
export function counter(name: string) {
  return bigint(name, { mode: 'number' });
}

/**
 * Returns the indexed hash of a text. A hash keeps index entries small, and a text may be longer than an entry can be. Different
 * texts may share a hash, so a condition compares the text as well.
 */
export function hashOf(text: AnyPgColumn | string): SQL {
  return sql`hashtext(${text})`;
}
