/**
 * A pool of connections: one instance of the driver each, discarded with its connection. The driver's own pool goes
 * on with the state of a lost connection (a rollback written to a socket that is gone ends the process, a statement left in
 * its buffer blocks the next one), and its queue knows no limit of time.
 */
import { CredError } from '@credplex/core';
import type postgres from 'postgres';

interface Slot {
  readonly sql: postgres.Sql;
  leases: number;
  alive: boolean;
  idleSince: number;
}

/** The right to send statements on a connection; with a depth of 1 no other lease shares it. */
export interface Lease {
  /** False once the connection is lost: nothing may be sent any more, the next statement would find another session. */
  readonly alive: () => boolean;
  readonly sql: postgres.Sql;
  release(): void;
}

export interface Pool {
  /** At once where there is room. @throws CredError `unavailable` when there is none within `milliseconds` */
  lease(milliseconds: number): Lease | Promise<Lease>;
  close(): Promise<void>;
}

export interface PoolConfig {
  readonly max: number;
  /** Leases per connection at once: statements are then pipelined. */
  readonly depth: number;
  readonly idleMilliseconds: number;
  readonly connect: (onClose: () => void) => postgres.Sql;
  /** Returns false while the database must not be used. No lease is then given. */
  readonly isAvailable?: () => boolean;
}

export function unavailable(reason: string): CredError {
  return new CredError('unavailable', {}, { cause: new Error(reason) });
}

export function createPool({ max, depth, idleMilliseconds, connect, isAvailable = () => true }: PoolConfig): Pool {
  const slots = new Set<Slot>();
  const waiting = new Set<(slot: Slot) => void>();
  let closed = false;

  function drop(slot: Slot): void {
    slot.alive = false;
    slots.delete(slot);
    slot.sql.end({ timeout: 0 }).catch(() => {});
    if (!closed) serveNext();
  }

  function open(): Slot {
    const slot: Slot = { sql: connect(() => drop(slot)), leases: 0, alive: true, idleSince: 0 };
    slots.add(slot);
    return slot;
  }

  /** An idle connection, else a new one, else the least busy one that has room. */
  function pick(): Slot | undefined {
    if (!isAvailable()) return undefined;
    let best: Slot | undefined;
    for (const slot of slots) if (!best || slot.leases < best.leases) best = slot;
    if (best?.leases === 0) return best;
    if (slots.size < max) return open();
    return best && best.leases < depth ? best : undefined;
  }

  function give(slot: Slot): Lease {
    slot.leases += 1;
    let released = false;
    return {
      sql: slot.sql,
      alive: () => slot.alive,
      release() {
        if (released) return;
        released = true;
        slot.leases -= 1;
        slot.idleSince = Date.now();
        serveNext();
      },
    };
  }

  function serveNext(): void {
    const [next] = waiting;
    if (!next) return;
    const slot = pick();
    if (!slot) return;
    waiting.delete(next);
    next(slot);
  }

  const sweep = setInterval(() => {
    const before = Date.now() - idleMilliseconds;
    for (const slot of slots) if (slot.leases === 0 && slot.idleSince < before) drop(slot);
  }, idleMilliseconds);
  sweep.unref();

  return {
    lease(milliseconds) {
      if (closed) return Promise.reject(unavailable('the pool is closed'));
      if (!isAvailable()) return Promise.reject(unavailable('the embedded PostgreSQL is being restarted'));
      const slot = waiting.size === 0 ? pick() : undefined;
      if (slot) return give(slot);
      return new Promise((resolve, reject) => {
        const served = (free: Slot): void => {
          clearTimeout(timer);
          resolve(give(free));
        };
        const timer = setTimeout(() => {
          waiting.delete(served);
          reject(unavailable('no connection became free in time'));
        }, milliseconds);
        waiting.add(served);
      });
    },
    async close() {
      closed = true;
      clearInterval(sweep);
      await Promise.all([...slots].map((slot) => slot.sql.end({ timeout: 5 })));
      slots.clear();
    },
  };
}
