import type { Transaction } from '../postgres/database.ts';
import { SEALED_TABLES } from './sealed-tables.ts';

const counted = SEALED_TABLES.map(
  ({ table, keyId, where }) => `select ${keyId} as key_id from ${table} where ${where}`,
).join(' union all ');

/** Sealed values of all tables by their key. */
export async function countKeys(tx: Pick<Transaction, 'run'>): Promise<Map<string, number>> {
  const rows = await tx.run<{ key_id: string; n: string }>(
    `select key_id, count(*) as n from (${counted}) as sealed group by key_id`,
  );
  return new Map(rows.map(({ key_id, n }) => [key_id, Number(n)]));
}
