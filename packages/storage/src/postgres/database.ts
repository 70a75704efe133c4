/**
 * The one way to PostgreSQL. Every family of tables gets a {@link Database} and writes statements; nobody else sees the
 * driver. What leaves are rows and {@link CredError}s.
 *
 * Four pools, so that no kind of work waits behind another: reads (pipelined, they wait for no lock), writes of one statement,
 * writes on behalf of several callers, and everything long (transactions, streams, operators' queries).
 */
import postgres from 'postgres';
import { connectionOptions } from './connection-options.ts';
import { aboutTheStatement, atTheEdge, connectionLost, databaseCode, worthAnotherTry } from './errors.ts';
import { createPool, type Lease, noAnswer, type Pool } from './pool.ts';
import { type SocketWatch, watchSockets } from './socket-watch.ts';

export type Value = string | number | boolean | Date | Uint8Array | null;

/** Statements inside a transaction. */
export interface Transaction {
  run<Row extends object>(statement: string, values?: readonly Value[]): Promise<Row[]>;
  /** Several statements without values. */
  script(text: string): Promise<void>;
}

export interface Database {
  /** A prepared read that an index answers. At most 1.5 s. Tried again on another connection when its own was lost. */
  read<Row extends object>(statement: string, values: readonly Value[]): Promise<Row[]>;
  /** A prepared write of one statement. At most 1.5 s. Tried again after a deadlock. */
  write<Row extends object>(statement: string, values: readonly Value[]): Promise<Row[]>;
  /**
   * A prepared write on behalf of several callers. `refused`: nothing was written, because of one of them or of a lock that was not
   * free within 100 ms; each may be tried alone. At most 1.5 s.
   */
  writeBatch<Row extends object>(statement: string, values: readonly Value[]): Promise<Row[] | 'refused'>;
  /** A rare or long statement. At most a minute. */
  slowQuery<Row extends object>(statement: string, values?: readonly Value[]): Promise<Row[]>;
  /** `work` may run more than once: after a deadlock all of it is tried again. What it throws leaves as it is. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Rows in batches, in bounded memory. Ends its transaction when the consumer stops. */
  stream<Row extends object>(statement: string, values: readonly Value[], size: number): AsyncIterable<Row[]>;
  /** @throws CredError `unavailable` */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A statement on the request path answers within this, or the caller gets `unavailable`: postgres.js queues without
 * limit.
 */
const DEADLINE_MS = 1_500;
/** Below the deadline, so that the server stops what nobody waits for any more. */
const STATEMENT_TIMEOUT_MS = 1_200;
const SLOW_DEADLINE_MS = 60_000;

function run<Row extends object>(sql: postgres.Sql, statement: string, values: readonly Value[]): Promise<Row[]> {
  const bound = values.map((value) => (value instanceof Date ? value.toISOString() : value));
  return sql.unsafe<Row[]>(statement, bound as postgres.ParameterOrJSON<never>[], { prepare: true });
}

/** One statement on a connection of the pool. A late answer still frees its connection, when statement_timeout brings it. */
function single<Row extends object>(
  pool: Pool,
  statement: string,
  values: readonly Value[],
  milliseconds: number,
): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    const send = (lease: Lease): void => {
      const timer = setTimeout(() => reject(noAnswer('the database did not answer in time')), milliseconds);
      run<Row>(lease.sql, statement, values).then(
        (rows) => {
          clearTimeout(timer);
          lease.release();
          resolve(rows);
        },
        (error) => {
          clearTimeout(timer);
          lease.release();
          reject(error);
        },
      );
    };
    const lease = pool.lease(milliseconds);
    if (lease instanceof Promise) lease.then(send, reject);
    else send(lease);
  });
}

async function inTransaction<T>(pool: Pool, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const lease = await pool.lease(DEADLINE_MS);
  const send = <Row extends object>(statement: string, values: readonly Value[] = []): Promise<Row[]> =>
    lease.alive() ? run<Row>(lease.sql, statement, values) : Promise.reject(noAnswer('the connection was lost'));
  let begun = false;
  try {
    await firstOf(send('begin'), DEADLINE_MS);
    begun = true;
    const script = async (text: string): Promise<void> => {
      if (!lease.alive()) throw noAnswer('the connection was lost');
      await run(lease.sql, text, []);
    };
    const result = await work({ run: send, script });
    await send('commit');
    return result;
  } catch (error) {
    // On a lost connection the server has rolled back already. One that is only slow must not be given to others.
    if (begun && lease.alive()) await send('rollback').catch(() => {});
    throw error;
  } finally {
    if (begun || !lease.alive()) lease.release();
  }
}

/** Rejects when there is no answer in time; the answer may still come. */
function firstOf<T>(answer: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(noAnswer('the database did not answer in time')), milliseconds);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

export interface DatabaseOptions {
  readonly sizes?: {
    readonly reads?: number;
    readonly writes?: number;
    readonly batches?: number;
    readonly long?: number;
  };
  /** While it returns false every statement is refused as `unavailable`. */
  readonly isAvailable?: () => boolean;
}

export function openDatabase(url: string, { sizes = {}, isAvailable }: DatabaseOptions = {}): Database {
  const address = connectionOptions(url);
  const watches: SocketWatch[] = [];
  const pool = (
    max: number,
    depth: number,
    settings: { readonly statement_timeout: number; readonly lock_timeout?: number },
  ): Pool => {
    // No statement is silent for longer than it may run.
    const watch = watchSockets(settings.statement_timeout + 1_000);
    watches.push(watch);
    return createPool({
      max,
      depth,
      idleMilliseconds: 300_000,
      ...(isAvailable ? { isAvailable } : {}),
      connect: (onclose) =>
        postgres({
          ...address,
          max: 1,
          // Types of arrays are not asked for: array parameters travel as text (text.ts).
          fetch_types: false,
          connect_timeout: 5,
          idle_timeout: null,
          max_lifetime: null,
          onclose,
          socket: watch.open,
          onnotice: () => {},
          connection: { application_name: 'credplex', TimeZone: 'UTC', ...settings },
        } as unknown as postgres.Options<Record<string, never>>) as unknown as postgres.Sql,
    });
  };
  // Every hot statement has an index; a plan made while a table was small must not stay a sequential scan.
  const hot = {
    statement_timeout: STATEMENT_TIMEOUT_MS,
    plan_cache_mode: 'force_generic_plan',
    enable_seqscan: 'off',
    jit: 'off',
  };
  const long = {
    statement_timeout: SLOW_DEADLINE_MS,
    idle_in_transaction_session_timeout: 30_000,
    plan_cache_mode: 'force_custom_plan',
    jit: 'off',
  };
  // Two, pipelined: each statement is some 50 µs for PostgreSQL, and waking one of ten sleeping processes costs more than that.
  const reads = pool(sizes.reads ?? 2, 10, hot);
  // Each waits for its commit to reach the disk: that many can share a flush.
  const writes = pool(sizes.writes ?? 12, 1, hot);
  // A name that is fought over must not hold up the others of its batch.
  const batches = pool(sizes.batches ?? 4, 1, { ...hot, lock_timeout: 100 });
  const slow = pool(sizes.long ?? 8, 1, long);

  async function again<T>(work: () => Promise<T>, also: (error: unknown) => boolean = () => false): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (tries === 5 || !(worthAnotherTry(error) || also(error)))
          throw databaseCode(error) === undefined ? error : atTheEdge(error);
      }
    }
  }
  const begin = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => inTransaction(slow, work);

  const self: Database = {
    read: (statement, values) => again(() => single(reads, statement, values, DEADLINE_MS), connectionLost),
    write: (statement, values) => again(() => single(writes, statement, values, DEADLINE_MS)),
    async writeBatch<Row extends object>(statement: string, values: readonly Value[]) {
      try {
        return await single<Row>(batches, statement, values, DEADLINE_MS);
      } catch (error) {
        if (aboutTheStatement(error)) return 'refused';
        throw atTheEdge(error);
      }
    },
    slowQuery: (statement, values = []) => again(() => single(slow, statement, values, SLOW_DEADLINE_MS)),
    transaction: (work) => again(() => begin(work)),
    stream: (statement, values, size) => streamRows(begin, statement, values, size),
    async ping() {
      await self.read('select 1', []);
    },
    async close() {
      for (const watch of watches) watch.stop();
      await Promise.all([reads, writes, batches, slow].map((one) => one.close()));
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
