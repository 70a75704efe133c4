/** Restarts the embedded PostgreSQL when it dies, and reports whether statements may be sent to it. */
import { setTimeout as delay } from 'node:timers/promises';
import { createBackoff } from './backoff.ts';

/** A running PostgreSQL whose serving lock this process holds. */
export interface ServingSession {
  /** Resolves when the lock is lost because PostgreSQL died or the lock connection ended. */
  readonly lost: Promise<void>;
}

export interface SupervisorOptions<Session extends ServingSession> {
  readonly first: Session;
  /** Starts PostgreSQL and takes the serving lock. Rejects when that fails, or when `signal` is aborted. */
  readonly restart: (signal: AbortSignal) => Promise<Session>;
  readonly onNotice: (line: string, level: 'info' | 'warn') => void;
  /** Returns the milliseconds before the next attempt. Default: 0, 100, 200 … 10,000; reset after a minute without a loss. */
  readonly nextDelayMs?: () => number;
}

export interface Supervisor<Session> {
  /** Returns the session that holds the serving lock; `undefined` from its loss until the lock is held again. */
  current(): Session | undefined;
  /** Ends the supervision and aborts a restart in progress. Resolves to the current session. */
  stop(): Promise<Session | undefined>;
}

const DEFAULT_DELAYS = { firstMs: 100, maxMs: 10_000, resetAfterMs: 60_000 };

export function supervise<Session extends ServingSession>({
  first,
  restart,
  onNotice,
  nextDelayMs = createBackoff(DEFAULT_DELAYS),
}: SupervisorOptions<Session>): Supervisor<Session> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  let current: Session | undefined = first;

  async function recover(): Promise<Session | undefined> {
    for (;;) {
      try {
        await delay(nextDelayMs(), undefined, { signal });
        return await restart(signal);
      } catch (error) {
        if (signal.aborted) return undefined;
        const reason = error instanceof Error ? error.message : String(error);
        onNotice(`the embedded PostgreSQL could not be restarted, trying again: ${reason}`, 'warn');
      }
    }
  }

  function watch(session: Session): void {
    // Cleared immediately and not in the loop below: no statement may be sent to a server whose lock we do not hold.
    void session.lost.then(() => {
      if (current === session) current = undefined;
    });
  }

  async function run(): Promise<void> {
    for (let session = first; ; ) {
      await Promise.race([session.lost, stopped]);
      if (signal.aborted) return;
      const lostAt = performance.now();
      onNotice('the embedded PostgreSQL ended or dropped the serving lock: requests get 503 until it is back', 'warn');
      const next = await recover();
      if (next === undefined) return;
      current = session = next;
      watch(next);
      onNotice(`the embedded PostgreSQL is back after ${Math.round(performance.now() - lostAt)} ms`, 'info');
    }
  }

  watch(first);
  const running = run();
  return {
    current: () => current,
    async stop() {
      stopping.abort();
      await running;
      return current;
    },
  };
}
