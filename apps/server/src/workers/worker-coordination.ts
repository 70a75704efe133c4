/** The coordination of a worker: what it shares with the others goes through the supervisor. */
import { CredError } from '@credplex/core';
import { TooManyLogins } from '../concurrency-limit.ts';
import type { Coordination, Topic } from '../coordination.ts';
import type { TopicEvent, ToSupervisor, ToWorker } from './messages.ts';

const PUBLISH_TIMEOUT_MS = 10_000;

export interface WorkerCoordination extends Coordination {
  /** Takes a message that is not about starting and stopping. */
  receive(message: ToWorker): void;
}

export function createWorkerCoordination(
  send: (message: ToSupervisor) => void,
  timeoutMs: number = PUBLISH_TIMEOUT_MS,
): WorkerCoordination {
  const subscribers = new Map<Topic, (value: never) => void>();
  /** Values that came before their subscriber, which gets them before this worker serves. */
  const early: TopicEvent[] = [];
  const publications = new Map<number, () => void>();
  const turns = new Map<number, (granted: boolean) => void>();
  let last = 0;

  function apply(event: TopicEvent): void {
    const subscriber = subscribers.get(event.topic);
    if (subscriber === undefined) early.push(event);
    else subscriber(event.value as never);
  }

  return {
    receive(message) {
      if (message.kind === 'event') {
        apply(message.event);
        send({ kind: 'applied', id: message.id });
      } else if (message.kind === 'published') publications.get(message.id)?.();
      else if (message.kind === 'turn') turns.get(message.id)?.(message.granted);
    },
    publish(topic, value) {
      last += 1;
      const id = last;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const timer = setTimeout(() => {
        reject(new CredError('unavailable', {}, { cause: new Error(`a worker did not take ${topic} in time`) }));
      }, timeoutMs);
      publications.set(id, resolve);
      send({ kind: 'publish', id, event: { topic, value } as TopicEvent });
      return promise.finally(() => {
        clearTimeout(timer);
        publications.delete(id);
      });
    },
    subscribe(topic, subscriber) {
      subscribers.set(topic, subscriber);
      for (const event of early) if (event.topic === topic) subscriber(event.value as never);
      early.splice(0, early.length, ...early.filter((event) => event.topic !== topic));
    },
    async inTurn(account, job) {
      last += 1;
      const id = last;
      const granted = await new Promise<boolean>((resolve) => {
        turns.set(id, resolve);
        send({ kind: 'turn', id, key: account });
      });
      turns.delete(id);
      if (!granted) throw new TooManyLogins();
      try {
        return await job();
      } finally {
        send({ kind: 'turn_end', id });
      }
    },
  };
}
