/** Rows of one statement in batches, in bounded memory. */
import { toCredError } from './errors.ts';
import type { Bound, Transaction } from './execute.ts';

/**
 * Reads through a cursor by hand: each FETCH is a statement of its own, so that `statement_timeout` counts the database's work and
 * not a slow reader's pauses (those end by `idle_in_transaction_session_timeout`). The transaction ends when the consumer stops.
 */
export async function* streamRows<Row>(
  begin: <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>,
  { text, values }: Bound,
  size: number,
): AsyncGenerator<Row[]> {
  let wanted = Promise.withResolvers<boolean>();
  let given = Promise.withResolvers<Row[]>();
  const transaction = begin(async (tx) => {
    await tx.run(`declare batch no scroll cursor for ${text}`, values);
    while (await wanted.promise) {
      wanted = Promise.withResolvers<boolean>();
      given.resolve((await tx.run(`fetch ${size} from batch`)) as Row[]);
    }
  });
  transaction.catch((error) => given.reject(error));
  try {
    for (;;) {
      given = Promise.withResolvers<Row[]>();
      wanted.resolve(true);
      const rows = await given.promise;
      if (rows.length > 0) yield rows;
      if (rows.length < size) return;
    }
  } catch (error) {
    throw toCredError(error);
  } finally {
    wanted.resolve(false);
    await transaction.catch(() => {});
  }
}
