/** Counts the sealed values per key. */
import { sql } from 'drizzle-orm';
import type { Execute } from '../postgres/execute.ts';
import { defineStatement } from '../postgres/statement.ts';
import { SEALED_TABLES } from './sealed-tables.ts';

const COUNT_BY_KEY = defineStatement(() => {
  const keys = SEALED_TABLES.map(
    ({ table, keyId, exists }) => sql`select ${keyId} as key from ${table} where ${exists}`,
  );
  return sql<{ keyId: string; count: number }>`select key as "keyId", count(*) as count
    from (${sql.join(keys, sql` union all `)}) as sealed group by key`;
});

/** Returns the number of sealed values of all tables by key id. */
export async function countUsedKeys(run: Execute): Promise<Map<string, number>> {
  const rows = await run(COUNT_BY_KEY, {});
  return new Map(rows.map(({ keyId, count }) => [keyId, count]));
}
