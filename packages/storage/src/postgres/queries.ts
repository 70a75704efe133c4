/** drizzle's typed query builder over our own connections: it builds and maps, `database.ts` sends. */
import { drizzle, type PgRemoteDatabase } from 'drizzle-orm/pg-proxy';
import type { Value } from './statement.ts';

/** Queries of one statement each, awaited inside `slowQuery` or a transaction. */
export type Queries = PgRemoteDatabase<Record<string, never>>;

/** Sends a text; `arrays`: rows as lists of values, which drizzle maps to the fields of the query. */
export type SendQuery = (text: string, values: readonly Value[], rows: 'objects' | 'arrays') => Promise<object[]>;

export const createQueries = (send: SendQuery): Queries =>
  drizzle(async (text, values, method) => ({
    rows: await send(text, values as Value[], method === 'all' ? 'arrays' : 'objects'),
  }));
