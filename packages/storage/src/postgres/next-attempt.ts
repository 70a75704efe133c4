/** When a row that background work has claimed may be claimed again. */

/**
 * Returns SQL for the time of the next attempt: one minute after the first, twice as long after each further one, at most
 * ten minutes. `now` and `attempts` are SQL expressions; `attempts` counts those before this one.
 */
export const nextAttempt = (now: string, attempts: string): string =>
  `${now} + least(interval '1 minute' * power(2, least(${attempts}, 10)), interval '10 minutes')`;
