/** Hands what one worker publishes to all of them, and says when each has applied it. */
import type { TopicEvent, ToWorker } from './messages.ts';

interface Receiver {
  send(message: ToWorker): void;
}

interface Publication {
  readonly publisher: Receiver;
  /** What the publisher calls it. */
  readonly id: number;
  readonly waitingFor: Set<Receiver>;
}

export interface Broadcast<Worker extends Receiver> {
  publish(publisher: Worker, id: number, event: TopicEvent): void;
  applied(worker: Worker, id: number): void;
  /** Nothing waits for a worker that is gone: the one in its place starts with what was published. */
  drop(worker: Worker): void;
}

export function createBroadcast<Worker extends Receiver>(workers: () => Iterable<Worker>): Broadcast<Worker> {
  const publications = new Map<number, Publication>();
  let last = 0;

  function settle(key: number, { publisher, id, waitingFor }: Publication): void {
    if (waitingFor.size > 0) return;
    publications.delete(key);
    publisher.send({ kind: 'published', id });
  }

  return {
    publish(publisher, id, event) {
      last += 1;
      const publication = { publisher, id, waitingFor: new Set<Receiver>(workers()) };
      publications.set(last, publication);
      for (const worker of publication.waitingFor) worker.send({ kind: 'event', id: last, event });
      settle(last, publication);
    },
    applied(worker, id) {
      const publication = publications.get(id);
      if (publication?.waitingFor.delete(worker)) settle(id, publication);
    },
    drop(worker) {
      for (const [id, publication] of publications) if (publication.waitingFor.delete(worker)) settle(id, publication);
    },
  };
}
