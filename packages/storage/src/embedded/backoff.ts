/** Exponential backoff between attempts. */

export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** The series restarts when this much time has passed since the previous attempt. */
  readonly resetAfterMs: number;
  /** Monotonic milliseconds. Default: `performance.now()`. */
  readonly now?: () => number;
}

/** Returns a function that gives the delay before the next attempt: 0, then `firstMs`, then twice as much each time. */
export function createBackoff({ firstMs, maxMs, resetAfterMs, now = () => performance.now() }: BackoffOptions) {
  let attempts = 0;
  let previous = Number.NEGATIVE_INFINITY;
  return function nextDelayMs(): number {
    const time = now();
    if (time - previous >= resetAfterMs) attempts = 0;
    const delay = attempts === 0 ? 0 : Math.min(maxMs, firstMs * 2 ** (attempts - 1));
    attempts += 1;
    previous = time + delay;
    return delay;
  };
}
