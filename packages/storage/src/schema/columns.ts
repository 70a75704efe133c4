/** Column kinds that the tables share. */
import { bigint, customType, timestamp } from 'drizzle-orm/pg-core';

/** Holds bytes. drizzle has no `bytea` of its own. */
export const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

/** Holds a text that is ordered and compared by its bytes, so that a folder of names is a range of the index. */
export const byteOrderedText = customType<{ data: string }>({ dataType: () => 'text collate "C"' });

/** Holds a point in time. */
export function time(name: string) {
  return timestamp(name, { withTimezone: true, mode: 'date' });
}

/** Holds a counter. None of ours reaches 2^53, so it is a number in code. */
export function counter(name: string) {
  return bigint(name, { mode: 'number' });
}
