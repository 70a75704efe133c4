/**
 * What the processes of one server tell each other without the database. A server that is a single process tells it itself.
 * Several servers on one database share only what is stored.
 */
import type { Revocation } from '@credplex/core';
import { createConcurrencyLimits } from './concurrency-limit.ts';

export interface Topics {
  /** The read-only mode of the server. */
  read_only: boolean;
  /** A revocation that was stored. */
  revocation: Revocation;
  /** The files of the server's certificate were looked at, and may have changed. */
  identity: null;
}

export type Topic = keyof Topics;

export interface Coordination {
  /**
   * Resolves when every worker has applied the value, this one included.
   * @throws CredError `unavailable` when a worker does not within ten seconds
   */
  publish<T extends Topic>(topic: T, value: Topics[T]): Promise<void>;
  /** Takes the only subscriber of a topic. It gets the values in their order, also those that came before it. */
  subscribe<T extends Topic>(topic: T, apply: (value: Topics[T]) => void): void;
  /** Runs the logins of one account one after another over all workers. @throws TooManyLogins */
  inTurn<R>(account: string, job: () => Promise<R>): Promise<R>;
}

/** Logins of one account that may wait for their turn. */
export const WAITING_LOGINS = 64;

/** Returns the coordination of a server that is one process. */
export function localCoordination(): Coordination {
  const subscribers = new Map<Topic, (value: never) => void>();
  return {
    async publish(topic, value) {
      subscribers.get(topic)?.(value as never);
    },
    subscribe: (topic, apply) => void subscribers.set(topic, apply),
    inTurn: createConcurrencyLimits(WAITING_LOGINS),
  };
}
