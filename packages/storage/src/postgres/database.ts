/**
 * The one way to PostgreSQL. Every family of tables gets a {@link Database}; nothing else sees the driver. It gives rows and throws
 * {@link CredError}s. `pools.ts` says which connections a method uses and why.
 */
import {
  databaseCode,
  isConnectionLost,
  isReadRejected,
  isRolledBackByConflict,
  isStatementRejected,
  toCredError,
  withoutParameters,
} from './errors.ts';
import {
  type AnyStatement,
  bindStatement,
  type Execute,
  runSingle,
  runTransaction,
  type Transaction,
} from './execute.ts';
import { DEADLINE_MS, openPools, type PoolSizes, SLOW_DEADLINE_MS } from './pools.ts';
import { createQueries, type Queries } from './queries.ts';
import { type BatchAnswer, createSharedReader, type ReadExecutor, type SharedRead } from './shared-read.ts';
import type { Statement } from './statement.ts';
import { streamRows } from './stream-rows.ts';

export type { Transaction } from './execute.ts';
export type { Value } from './statement.ts';

/** One statement: a query of drizzle's builder, a compiled statement, or a text. */
interface SlowQuery extends Execute {
  <Result>(build: (queries: Queries) => PromiseLike<Result>): Promise<Result>;
}

/** A shared read is batched with the same reads of concurrent callers. Its rows and errors are those of a single read. */
interface Read extends Execute {
  <Values, Row>(read: SharedRead<Values, Row>, values: Values): Promise<Row[]>;
}

export interface Database {
  /** Runs a prepared read that an index answers, for at most 1.5 s. Retried on another connection when its own was lost. */
  readonly read: Read;
  /** Runs a prepared write of one statement, for at most 1.5 s. Retried after a deadlock. */
  readonly write: Execute;
  /**
   * A prepared write on behalf of several callers. `refused`: nothing was written, because of one of them or of a lock that was not
   * free within 100 ms; each may be tried alone. At most 1.5 s.
   */
  writeBatch<Values, Row>(statement: Statement<Values, Row>, values: Values): Promise<Row[] | 'refused'>;
  /** Runs a rare or long statement, for at most a minute. Retried after a deadlock. */
  readonly slowQuery: SlowQuery;
  /** Runs `work` in a transaction, and all of it again after a deadlock. What `work` throws is thrown unchanged. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Rows in batches, in bounded memory. Ends its transaction when the consumer stops. */
  stream<Values, Row>(statement: Statement<Values, Row>, values: Values, size: number): AsyncIterable<Row[]>;
  /** @throws CredError `unavailable` */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly sizes?: PoolSizes;
  /** While it returns false every statement is refused as `unavailable`. */
  readonly isAvailable?: () => boolean;
}

const MAX_TRIES = 5;

/** Of shared reads of one kind. Figures: docs/decisions/0013-shared-reads.md. */
const SHARED_READS = { maxInFlight: 2, maxBatchSize: 128, timeoutMs: 25, deadlineMs: DEADLINE_MS };

/** Runs all-or-nothing work and retries it where that may help. @throws CredError for an error of the database */
async function withRetries<T>(
  work: () => PromiseLike<T>,
  isRetryable: (error: unknown) => boolean = () => false,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries < MAX_TRIES && (isRolledBackByConflict(error) || isRetryable(error))) continue;
      throw databaseCode(error) === undefined ? withoutParameters(error) : toCredError(error);
    }
  }
}

/** The driver's list of rows also says which columns they have. */
function toBatchAnswer(rows: object[]): BatchAnswer {
  const { columns } = rows as unknown as { readonly columns: readonly { readonly name: string }[] };
  return { names: columns.slice(1).map(({ name }) => name), rows: rows as unknown as BatchAnswer['rows'] };
}

/** Opens a database; connections are made as they are needed. @throws Error with one clear line for an unusable URL */
export function openDatabase(url: string, { sizes = {}, isAvailable }: DatabaseOptions = {}): Database {
  const pools = openPools(url, sizes, isAvailable);
  const begin = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => runTransaction(pools.slow, work, DEADLINE_MS);
  const queries = createQueries((text, values, rows) =>
    runSingle(pools.slow, { text, values }, SLOW_DEADLINE_MS, rows),
  );

  const readSingle = (statement: AnyStatement, values: unknown) => {
    const bound = bindStatement(statement, values);
    return withRetries(() => runSingle(pools.reads, bound, DEADLINE_MS), isConnectionLost);
  };
  const readBatch: ReadExecutor['batch'] = async (statement, columns) => {
    const bound = { text: statement.text, values: statement.bind(columns) };
    const send = () => runSingle(pools.reads, bound, DEADLINE_MS, 'arrays');
    const answer = await withRetries(
      () => send().catch((error) => (isReadRejected(error) ? ('refused' as const) : Promise.reject(error))),
      isConnectionLost,
    );
    return answer === 'refused' ? answer : toBatchAnswer(answer);
  };
  const share = createSharedReader(SHARED_READS, { single: readSingle as Execute, batch: readBatch });
  const read = (statement: AnyStatement | SharedRead<never, unknown>, values: unknown) =>
    typeof statement === 'object' && 'batch' in statement
      ? share(statement, values as never)
      : readSingle(statement, values);
  const write = (statement: AnyStatement, values: unknown) => {
    const bound = bindStatement(statement, values);
    return withRetries(() => runSingle(pools.writes, bound, DEADLINE_MS));
  };
  const slowQuery = (statement: AnyStatement | ((builder: Queries) => PromiseLike<unknown>), values: unknown) => {
    if (typeof statement === 'function') return withRetries(() => statement(queries));
    const bound = bindStatement(statement, values);
    return withRetries(() => runSingle(pools.slow, bound, SLOW_DEADLINE_MS));
  };

  return {
    read: read as Read,
    write: write as Execute,
    slowQuery: slowQuery as SlowQuery,
    async writeBatch<Values, Row>(statement: Statement<Values, Row>, values: Values) {
      try {
        const bound = { text: statement.text, values: statement.bind(values) };
        return (await runSingle(pools.batches, bound, DEADLINE_MS)) as Row[];
      } catch (error) {
        if (isStatementRejected(error)) return 'refused';
        throw toCredError(error);
      }
    },
    transaction: (work) => withRetries(() => begin(work)),
    stream: (statement, values, size) =>
      streamRows(begin, { text: statement.text, values: statement.bind(values) }, size),
    async ping() {
      await read('select 1', []);
    },
    close: pools.close,
  };
}
