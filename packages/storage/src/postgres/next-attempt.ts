/** When a row that background work has claimed may be claimed again. */
import { type SQL, sql } from 'drizzle-orm';

/**
 * Returns SQL for the time of the next attempt: one minute after the first, twice as long after each further one, at most
 * ten minutes. `attempts` counts those before this one.
 */
export const nextAttempt = (now: SQL, attempts: SQL): SQL =>
  sql`${now} + least(interval '1 minute' * power(2, least(${attempts}, 10)), interval '10 minutes')`;
