/**
 * The memory budget of all request bodies (`limits.bodies_in_flight`); large responses have another one. A request reserves its
 * Content-Length before a byte is read. When the budget is used up it waits in a queue, first come, first served.
 *
 * Large reservations leave an eighth of the budget to small ones, so that a few slow uploads do not block small requests. A body of
 * one TLS record (16 KiB) is in memory already when its headers are parsed: it is counted, but never waits.
 */
import { CredError } from '@credplex/core';
import type { ServerBindings } from './http-env.ts';
import { createSlowUploads, SLOW_UPLOAD_RULE, type SlowUploadRule, type Upload } from './slow-uploads.ts';

const TLS_RECORD_BYTES = 16 * 1024;
/** Bodies above this are handled in worker threads. */
export const LARGE_BODY_BYTES = 256 * 1024;
const QUEUE_TIMEOUT_MS = 30_000;
/** Large reservations leave 1/8 of the budget to small ones. */
const SMALL_SHARE_DIVISOR = 8;

export interface BodyReservation {
  /** Raises the reservation to `bytes` if that is possible without waiting. */
  tryGrow(bytes: number): boolean;
  /** Like {@link tryGrow}, but waits. @throws CredError `unavailable` after 30 s, or the reason of `signal` */
  grow(bytes: number, signal?: AbortSignal): Promise<void>;
  /** Lowers the reservation to `bytes`. */
  shrink(bytes: number): void;
  /** Idempotent. */
  release(): void;
  /** Watches the progress of an upload (slow-uploads.ts) until the returned function is called. */
  watch(upload: Upload): () => void;
  readonly bytes: number;
}

export interface BodyBudget {
  open(): BodyReservation;
  /** Number of bytes that are reserved now. */
  readonly used: number;
}

type Kind = 'small' | 'large';

interface Waiter {
  readonly bytes: number;
  admit(): void;
}

export interface BodyBudgetOptions {
  /** Maximum wait for a reservation. */
  readonly timeoutMs?: number;
  readonly slowUploads?: SlowUploadRule;
}

export function createBodyBudget(
  capacity: number,
  { timeoutMs = QUEUE_TIMEOUT_MS, slowUploads: rule = SLOW_UPLOAD_RULE }: BodyBudgetOptions = {},
): BodyBudget {
  const capacityOf = { large: capacity - Math.floor(capacity / SMALL_SHARE_DIVISOR), small: capacity };
  const queues = { large: new Set<Waiter>(), small: new Set<Waiter>() };
  const slowUploads = createSlowUploads(() => queues.large.size + queues.small.size > 0, rule);
  let used = 0;
  let usedByLarge = 0;

  const kindOf = (bytes: number): Kind => (bytes > LARGE_BODY_BYTES ? 'large' : 'small');
  /** A reservation is capped at the capacity, so that a larger one is admitted when nothing else is reserved. */
  const fits = (kind: Kind, bytes: number): boolean =>
    kind === 'large'
      ? usedByLarge + bytes <= capacityOf.large && used + bytes <= capacity
      : used + bytes <= capacityOf.small;

  function admitWaiters(): void {
    for (const kind of ['small', 'large'] as const) {
      for (const waiter of queues[kind]) {
        if (!fits(kind, waiter.bytes)) break;
        queues[kind].delete(waiter);
        waiter.admit();
      }
    }
  }

  function wait(kind: Kind, bytes: number, admit: () => void, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (reason: unknown): void => {
        queues[kind].delete(waiter);
        end();
        admitWaiters();
        reject(reason);
      };
      const aborted = (): void => stop(signal?.reason);
      const timer = setTimeout(() => {
        stop(new CredError('unavailable', {}, { cause: new Error('no room for the request body in time') }));
      }, timeoutMs);
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
      };
      const waiter: Waiter = {
        bytes,
        admit() {
          end();
          admit();
          resolve();
        },
      };
      signal?.addEventListener('abort', aborted);
      queues[kind].add(waiter);
      slowUploads.start();
    });
  }

  return {
    get used() {
      return used;
    },
    open() {
      let reserved = 0;
      let reservedAsLarge = 0;
      const add = (bytes: number, large: boolean): void => {
        reserved += bytes;
        used += bytes;
        if (!large) return;
        reservedAsLarge += bytes;
        usedByLarge += bytes;
      };
      const shrink = (bytes: number): void => {
        const freed = Math.max(0, reserved - bytes);
        const ofLarge = Math.min(freed, reservedAsLarge);
        add(-freed, false);
        reservedAsLarge -= ofLarge;
        usedByLarge -= ofLarge;
        if (freed > 0) admitWaiters();
      };
      const missing = (wanted: number): number => Math.min(wanted, capacityOf[kindOf(wanted)]) - reserved;
      const tryGrow = (wanted: number): boolean => {
        const [kind, more] = [kindOf(wanted), missing(wanted)];
        if (more <= 0) return true;
        if (wanted > TLS_RECORD_BYTES && (queues[kind].size > 0 || !fits(kind, more))) return false;
        add(more, kind === 'large');
        return true;
      };
      return {
        tryGrow,
        async grow(wanted, signal) {
          if (tryGrow(wanted)) return;
          const [kind, more] = [kindOf(wanted), missing(wanted)];
          await wait(kind, more, () => add(more, kind === 'large'), signal);
        },
        shrink,
        get bytes() {
          return reserved;
        },
        release: () => shrink(0),
        watch: slowUploads.watch,
      };
    },
  };
}

/** Releases a reservation after the response: a large response stays in memory until the client has received it. */
export function releaseAfterAnswer(reservation: BodyReservation, { outgoing }: Pick<ServerBindings, 'outgoing'>): void {
  if (reservation.bytes > LARGE_BODY_BYTES && outgoing?.closed === false) outgoing.once('close', reservation.release);
  else reservation.release();
}
