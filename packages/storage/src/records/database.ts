/**
 * The one way to PostgreSQL. Every family of tables gets a {@link Database} and writes statements; nobody else sees the
 * driver. What leaves are rows and {@link CredError}s.
 *
 * Three pools, so that no kind of work waits behind another: reads (pipelined, they wait for no lock), writes of one statement,
 * and everything long (transactions, streams, operators' queries).
 */
import { CredError } from '@credplex/core';
import postgres from 'postgres';
import { connectionOptions } from './connection-options.ts';
import { atTheEdge, databaseCode, worthAnotherTry } from './errors.ts';
import { watchSockets } from './watched-socket.ts';

export type Value = string | number | boolean | Date | Uint8Array | null;

/** Statements inside a transaction. */
export interface Transaction {
  run<Row extends object>(statement: string, values?: readonly Value[]): Promise<Row[]>;
}

export interface Database {
  /** A prepared read that an index answers. At most 1.5 s. */
  read<Row extends object>(statement: string, values: readonly Value[]): Promise<Row[]>;
  /** A prepared write of one statement. At most 1.5 s. Tried again after a deadlock. */
  write<Row extends object>(statement: string, values: readonly Value[]): Promise<Row[]>;
  /** A rare or long statement. At most a minute. */
  cold<Row extends object>(statement: string, values?: readonly Value[]): Promise<Row[]>;
  /** `work` may run more than once: after a deadlock all of it is tried again. What it throws leaves as it is. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Rows in batches, in bounded memory. Ends its transaction when the consumer stops. */
  stream<Row extends object>(statement: string, values: readonly Value[], size: number): AsyncIterable<Row[]>;
  /** @throws CredError `unavailable` */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Hot statements answer within this, or the caller is told `unavailable` (house 3.8). */
const hotDeadline = 1_500;
/** Below the deadline, so that the server stops what nobody waits for any more. */
const hotStatementTimeout = 1_200;
const coldDeadline = 60_000;

type Sql = postgres.Sql;

function bind(values: readonly Value[]): (string | number | boolean | Uint8Array | null)[] {
  return values.map((value) => (value instanceof Date ? value.toISOString() : value));
}

function prepared<Row extends object>(
  sql: postgres.ISql,
  statement: string,
  values: readonly Value[],
): postgres.PendingQuery<Row[]> {
  return sql.unsafe(statement, bind(values) as postgres.ParameterOrJSON<never>[], { prepare: true });
}

/** Rejects after `milliseconds`; what still waits in the driver's queue is taken out of it. */
function within<Row extends object>(query: postgres.PendingQuery<Row[]>, milliseconds: number): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      // A statement that was sent ends by statement_timeout: the driver's cancel would open a connection of its own.
      if ((query as unknown as { state: unknown }).state === null) query.cancel();
      reject(new CredError('unavailable', {}, { cause: new Error('the database did not answer in time') }));
    }, milliseconds);
    query.then(
      (rows) => {
        clearTimeout(timer);
        resolve(rows);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

function edged<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((error) => {
    throw atTheEdge(error);
  });
}

export function openDatabase(url: string, sizes: { reads?: number; writes?: number; long?: number } = {}): Database {
  const address = connectionOptions(url);
  const watch = watchSockets(2_000);
  const pool = (max: number, pipeline: number, settings: Record<string, string | number>): Sql =>
    postgres({
      ...address,
      max,
      // Types of arrays are not asked for: array parameters travel as text (text.ts).
      fetch_types: false,
      connect_timeout: 5,
      idle_timeout: 300,
      backoff: () => 0.2 + Math.random() * 0.3,
      max_pipeline: pipeline,
      socket: watch.open,
      onnotice: () => {},
      connection: { application_name: 'credplex', TimeZone: 'UTC', ...settings },
    } as postgres.Options<Record<string, never>>) as unknown as Sql;
  // Every hot statement has an index; a plan made while a table was small must not stay a sequential scan.
  const hot = {
    statement_timeout: hotStatementTimeout,
    plan_cache_mode: 'force_generic_plan',
    enable_seqscan: 'off',
    jit: 'off',
  };
  const long = {
    statement_timeout: coldDeadline,
    idle_in_transaction_session_timeout: 30_000,
    plan_cache_mode: 'force_custom_plan',
    jit: 'off',
  };
  const reads = pool(sizes.reads ?? 10, 100, hot);
  const writes = pool(sizes.writes ?? 10, 0, hot);
  // At 0 the driver never hands a connection to a transaction (it calls `onexecute` only below the limit).
  const slow = pool(sizes.long ?? 8, 1, long);

  async function again<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (tries === 5 || !worthAnotherTry(error)) throw databaseCode(error) === undefined ? error : atTheEdge(error);
      }
    }
  }

  function begin<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        reject(new CredError('unavailable', {}, { cause: new Error('no connection for a transaction in time') }));
      }, hotDeadline);
      slow
        .begin(async (sql) => {
          clearTimeout(timer);
          if (late) throw new Error('nobody waits for this transaction');
          return { done: await work({ run: (statement, values = []) => prepared(sql, statement, values) }) };
        })
        .then(
          ({ done }) => resolve(done),
          (error) => {
            clearTimeout(timer);
            reject(error);
          },
        );
    });
  }

  const self: Database = {
    read: (statement, values) => edged(within(prepared(reads, statement, values), hotDeadline)),
    write: (statement, values) => again(() => within(prepared(writes, statement, values), hotDeadline)),
    cold: (statement, values = []) => again(() => within(prepared(slow, statement, values), coldDeadline)),
    transaction: (work) => again(() => begin(work)),
    stream: (statement, values, size) => streamRows(begin, statement, values, size),
    async ping() {
      await self.read('select 1', []);
    },
    async close() {
      watch.stop();
      await Promise.all([reads, writes, slow].map((sql) => sql.end({ timeout: 5 })));
    },
  };
  return self;
}

/**
 * A cursor by hand: each FETCH is a statement of its own, so that statement_timeout counts the database's work and not a slow
 * reader's pauses (those end by idle_in_transaction_session_timeout).
 */
async function* streamRows<Row extends object>(
  begin: <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>,
  statement: string,
  values: readonly Value[],
  size: number,
): AsyncGenerator<Row[]> {
  let wanted = Promise.withResolvers<boolean>();
  let given = Promise.withResolvers<Row[]>();
  const transaction = begin(async (tx) => {
    await tx.run(`declare batch no scroll cursor for ${statement}`, values);
    while (await wanted.promise) {
      wanted = Promise.withResolvers<boolean>();
      given.resolve(await tx.run<Row>(`fetch ${size} from batch`));
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
    throw atTheEdge(error);
  } finally {
    wanted.resolve(false);
    await transaction.catch(() => {});
  }
}
