import type { Config } from '../config.ts';

/** Returns what to log about a number of workers that the server cannot have; `undefined` where it has what is set. */
export function warnOfWorkers({ workers, database }: Pick<Config, 'workers' | 'database'>): string | undefined {
  if (database.url !== undefined || workers === 'auto' || workers === 1) return undefined;
  return `workers is ${workers}, but the server runs as one process: several need an outside PostgreSQL (database.url)`;
}
