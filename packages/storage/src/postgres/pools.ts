/**
 * The four pools of connections, each for the isolation that it gives. Fewer would not do: what sets them apart are settings of a
 * session, and how many statements may be under way on one connection.
 *
 * | pool | for | isolation |
 * | --- | --- | --- |
 * | `reads` | one prepared read that waits for no lock | pipelined on few connections, so nothing slow may be among them |
 * | `writes` | one prepared write | may wait for a row lock and for the disk, so it has its connection to itself |
 * | `batches` | one write for several callers | stops waiting for a lock after 100 ms, so that a contended name delays no other caller |
 * | `slow` | transactions, streams, rare queries | a minute instead of seconds, and plans for the values at hand |
 */
import postgres from 'postgres';
import { connectionOptions } from './connection-options.ts';
import { createPool, type Pool } from './pool.ts';
import { createOwnSockets, type SocketWatch, watchSockets } from './socket-watch.ts';

/** A statement on the request path answers within this, or the caller gets `unavailable`: postgres.js queues without limit. */
export const DEADLINE_MS = 1_500;
/** Below the deadline, so that the server stops a statement whose caller has its answer. */
const STATEMENT_TIMEOUT_MS = 1_200;
export const SLOW_DEADLINE_MS = 60_000;
const BATCH_LOCK_TIMEOUT_MS = 100;
const IDLE_MS = 300_000;

export interface PoolSizes {
  readonly reads?: number;
  readonly writes?: number;
  readonly batches?: number;
  readonly slow?: number;
}

export interface Pools {
  readonly reads: Pool;
  readonly writes: Pool;
  readonly batches: Pool;
  readonly slow: Pool;
  close(): Promise<void>;
}

/** Of one server process, unless its configuration says otherwise. */
const DEFAULT_CONNECTIONS = 26;

/** Returns how `connections` (at least 6) are divided over the pools. Each pool has one at least, `slow` two. */
export function poolSizesOf(connections: number): Required<PoolSizes> {
  const part = (of: number): number => Math.round((connections * of) / DEFAULT_CONNECTIONS);
  // Two, pipelined: each statement is some 50 µs for PostgreSQL, and waking one of ten sleeping processes costs more than that.
  const reads = Math.min(2, Math.max(1, part(2)));
  const batches = Math.max(1, part(4));
  // A transaction may need a second one for a long value.
  const slow = Math.max(2, part(8));
  // Each waits for its commit to reach the disk: that many can share a flush.
  return { reads, batches, slow, writes: connections - reads - batches - slow };
}

/** Settings of a session. */
type Settings = Readonly<Record<string, string | number>> & { readonly statement_timeout: number };

/** Every statement has an index; a plan made while a table was small must not stay a sequential scan. */
const PREPARED = {
  statement_timeout: STATEMENT_TIMEOUT_MS,
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  jit: 'off',
};
const SLOW = {
  statement_timeout: SLOW_DEADLINE_MS,
  idle_in_transaction_session_timeout: 30_000,
  plan_cache_mode: 'force_custom_plan',
  jit: 'off',
};

/** int8, which the driver else gives as a text: none of our counters reaches 2^53. */
const BIGINT = { to: 20, from: [20], serialize: String, parse: Number };

/** Opens the pools; connections are made as they are needed. @throws Error with one clear line for an unusable URL */
export function openPools(url: string, sizes: PoolSizes, isAvailable: (() => boolean) | undefined): Pools {
  const address = connectionOptions(url);
  const watches: SocketWatch[] = [];
  const pool = (max: number, depth: number, settings: Settings): Pool => {
    // No statement is silent for longer than it may run.
    const watch = watchSockets(settings.statement_timeout + 1_000);
    watches.push(watch);
    const connect = (onclose: () => void): postgres.Sql => {
      const sockets = createOwnSockets(watch.open);
      const sql = postgres({
        ...address,
        max: 1,
        // Types of arrays are not queried: array parameters are sent as text (text.ts).
        fetch_types: false,
        types: { bigint: BIGINT },
        connect_timeout: 5,
        idle_timeout: null,
        max_lifetime: null,
        onclose,
        socket: sockets.open,
        onnotice: () => {},
        connection: { application_name: 'credplex', TimeZone: 'UTC', ...settings },
      } as unknown as postgres.Options<Record<string, never>>) as unknown as postgres.Sql;
      const end = sql.end.bind(sql);
      return Object.assign(sql, { end: (options?: { timeout?: number }) => end(options).finally(sockets.destroy) });
    };
    return createPool({ max, depth, idleMilliseconds: IDLE_MS, connect, ...(isAvailable ? { isAvailable } : {}) });
  };
  const size = { ...poolSizesOf(DEFAULT_CONNECTIONS), ...sizes };
  const reads = pool(size.reads, 10, PREPARED);
  const writes = pool(size.writes, 1, PREPARED);
  const batches = pool(size.batches, 1, { ...PREPARED, lock_timeout: BATCH_LOCK_TIMEOUT_MS });
  const slow = pool(size.slow, 1, SLOW);
  return {
    reads,
    writes,
    batches,
    slow,
    async close() {
      for (const watch of watches) watch.stop();
      await Promise.all([reads, writes, batches, slow].map((one) => one.close()));
    },
  };
}
