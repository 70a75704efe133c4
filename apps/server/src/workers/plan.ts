/** How many worker processes a server has, and what each gets of what is configured for the whole server. */
import { type Config, ConfigError } from '../config.ts';

/** Fewer would leave a worker without a connection for each use of them (packages/storage/src/postgres/pools.ts). */
const MIN_CONNECTIONS_PER_WORKER = 6;
const DEFAULT_CONNECTIONS = 26;
const MAX_AUTO_WORKERS = 8;
/** The embedded PostgreSQL takes 120, some of which are for operators' commands. */
const MAX_EMBEDDED_CONNECTIONS = 100;

export interface WorkerPlan {
  /** 1: the server is a single process, without a supervisor. */
  readonly workers: number;
  /** Connections to PostgreSQL, over all workers. */
  readonly connections: number;
}

type Planned = Pick<Config, 'workers' | 'database'>;

/** @throws ConfigError when `database.max_connections` is too small for `workers`, or too large for the embedded store */
export function planWorkers({ workers: wanted, database }: Planned, cores: number): WorkerPlan {
  const limit = database.max_connections;
  if (database.url === undefined) {
    if (limit !== undefined && limit > MAX_EMBEDDED_CONNECTIONS) {
      throw new ConfigError(
        `database.max_connections: the embedded PostgreSQL has at most ${MAX_EMBEDDED_CONNECTIONS} for the server`,
      );
    }
    return { workers: 1, connections: limit ?? DEFAULT_CONNECTIONS };
  }
  const affordable = limit === undefined ? Number.POSITIVE_INFINITY : Math.floor(limit / MIN_CONNECTIONS_PER_WORKER);
  const workers = wanted === 'auto' ? Math.max(1, Math.min(cores, MAX_AUTO_WORKERS, affordable)) : wanted;
  const needed = workers * MIN_CONNECTIONS_PER_WORKER;
  if (workers > affordable) {
    throw new ConfigError(
      `workers: ${workers} workers need at least ${needed} connections to PostgreSQL (${MIN_CONNECTIONS_PER_WORKER} each), but database.max_connections is ${limit}`,
    );
  }
  return { workers, connections: limit ?? Math.max(DEFAULT_CONNECTIONS, needed) };
}

/** Returns the part of `total` that worker `number` (from 1) of `workers` gets. The parts add up to `total`. */
function shareOf(total: number, workers: number, number: number): number {
  return Math.floor(total / workers) + (number <= total % workers ? 1 : 0);
}

/** Returns what a worker gets: its share of what is configured for the whole server. */
export function configOfWorker(config: Config, { workers, connections }: WorkerPlan, number: number): Config {
  const { database, limits } = config;
  return {
    ...config,
    database: { ...database, max_connections: shareOf(connections, workers, number) },
    limits: { ...limits, bodies_in_flight: shareOf(limits.bodies_in_flight, workers, number) },
  };
}
