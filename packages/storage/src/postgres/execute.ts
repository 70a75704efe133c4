/** One statement, or the statements of a transaction, on a connection of a pool. */
import type postgres from 'postgres';
import { type Lease, type Pool, unavailable } from './pool.ts';
import { createQueries, type Queries, type SendQuery } from './queries.ts';
import type { Statement, Value } from './statement.ts';

/** Runs a compiled statement with its values by name, or a text with its values in order. */
export interface Execute {
  <Values, Row>(statement: Statement<Values, Row>, values: Values): Promise<Row[]>;
  <Row extends object>(text: string, values?: readonly Value[]): Promise<Row[]>;
}

/** Statements inside a transaction. */
export interface Transaction {
  readonly run: Execute;
  /** drizzle's builder; each query is a statement of this transaction. */
  readonly queries: Queries;
  /** Several statements without values. */
  script(text: string): Promise<void>;
}

export interface Bound {
  readonly text: string;
  readonly values: readonly Value[];
}

/** What the implementations of {@link Execute} are called with. */
export type AnyStatement = string | Statement<never, unknown>;

export function bindStatement(statement: AnyStatement, values: unknown): Bound {
  if (typeof statement === 'string') return { text: statement, values: (values ?? []) as readonly Value[] };
  return { text: statement.text, values: statement.bind(values as never) };
}

/** Sends a prepared statement. The driver's own conversion of a date would lose its milliseconds' zone. */
function send(sql: postgres.Sql, { text, values }: Bound): postgres.PendingQuery<object[]> {
  const bound = values.map((value) => (value instanceof Date ? value.toISOString() : value));
  return sql.unsafe<object[]>(text, bound as postgres.ParameterOrJSON<never>[], { prepare: true });
}

const sendArrays = (sql: postgres.Sql, bound: Bound): Promise<object[]> => send(sql, bound).values();

/** One statement. A late answer still frees its connection, when `statement_timeout` brings it. */
export function runSingle(
  pool: Pool,
  bound: Bound,
  deadlineMs: number,
  rows: 'objects' | 'arrays' = 'objects',
): Promise<object[]> {
  return new Promise((resolve, reject) => {
    const sendOn = (lease: Lease): void => {
      const timer = setTimeout(() => reject(unavailable('the database did not answer in time')), deadlineMs);
      const answer: Promise<object[]> = rows === 'arrays' ? sendArrays(lease.sql, bound) : send(lease.sql, bound);
      answer.then(
        (found) => {
          clearTimeout(timer);
          lease.release();
          resolve(found);
        },
        (error) => {
          clearTimeout(timer);
          lease.release();
          reject(error);
        },
      );
    };
    const lease = pool.lease(deadlineMs);
    if (lease instanceof Promise) lease.then(sendOn, reject);
    else sendOn(lease);
  });
}

function transactionOn(lease: Lease): Transaction {
  const onLease = async (work: () => Promise<object[]>): Promise<object[]> => {
    if (!lease.alive()) throw unavailable('the connection was lost');
    return work();
  };
  const run = (statement: AnyStatement, values?: unknown): Promise<object[]> =>
    onLease(() => send(lease.sql, bindStatement(statement, values)));
  const sendQuery: SendQuery = (text, values, rows) =>
    onLease(() => (rows === 'arrays' ? sendArrays : send)(lease.sql, { text, values }));
  let queries: Queries | undefined;
  return {
    run: run as Execute,
    get queries() {
      queries ??= createQueries(sendQuery);
      return queries;
    },
    async script(text) {
      await run(text);
    },
  };
}

/** Rejects when there is no answer in time; the answer may still come. */
function withDeadline<T>(answer: Promise<T>, deadlineMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(unavailable('the database did not answer in time')), deadlineMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Runs `work` in a transaction; `deadlineMs` is for a connection and for `begin`. */
export async function runTransaction<T>(
  pool: Pool,
  work: (tx: Transaction) => Promise<T>,
  deadlineMs: number,
): Promise<T> {
  const lease = await pool.lease(deadlineMs);
  const tx = transactionOn(lease);
  let begun = false;
  try {
    await withDeadline(tx.run('begin'), deadlineMs);
    begun = true;
    const result = await work(tx);
    await tx.run('commit');
    return result;
  } catch (error) {
    // On a lost connection the server has rolled back already. One that is only slow must not be given to others.
    if (begun && lease.alive()) await tx.run('rollback').catch(() => {});
    throw error;
  } finally {
    if (begun || !lease.alive()) lease.release();
  }
}
