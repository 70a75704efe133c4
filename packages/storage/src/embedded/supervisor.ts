/** Restarts the embedded PostgreSQL when it dies, and says whether statements may be sent to it. */
import { setTimeout as delay } from 'node:timers/promises';
import { createBackoff } from './backoff.ts';

/** A server that holds the serving lock. */
export interface ServingSession {
  /** Resolves when the lock is lost: the server died, or the connection that holds the lock was ended. */
  readonly lost: Promise<void>;
}

export interface SupervisorOptions<Session extends ServingSession> {
  readonly first: Session;
  /** Brings the server up and takes the serving lock. Rejects when that fails, or when `signal` is aborted. */
  readonly restart: (signal: AbortSignal) => Promise<Session>;
  readonly onNotice: (line: string, level: 'info' | 'warn') => void;
  /** Milliseconds before the next attempt. Default: 0, 100, 200 … 10,000; anew after a minute without a loss. */
  readonly nextDelayMs?: () => number;
}

export interface Supervisor<Session> {
  /** The session that holds the serving lock. `undefined` from its loss until the lock is held again. */
  current(): Session | undefined;
  /** Ends the supervision; a restart that is under way is aborted. Resolves to the session that was left. */
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
    // Closed at once, not when the loop below gets its turn: no statement may go to a server whose lock is not ours.
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
