/** Turns that workers take over the IPC channel: one at a time for each key, in the order of the requests. */

interface Request<Owner> {
  readonly owner: Owner;
  readonly id: number;
  readonly key: string;
}

export interface Turns<Owner> {
  request(owner: Owner, id: number, key: string): void;
  end(owner: Owner, id: number): void;
  /** Gives up every turn of an owner that is gone, also those that it waits for. */
  drop(owner: Owner): void;
}

/** The first request of a key has the turn; at most `depth` more wait, further ones are refused. */
export function createTurns<Owner>(
  depth: number,
  answer: (owner: Owner, id: number, granted: boolean) => void,
): Turns<Owner> {
  const queues = new Map<string, Request<Owner>[]>();

  function remove(isGone: (request: Request<Owner>) => boolean): void {
    for (const [key, queue] of queues) {
      const [holder] = queue;
      const left = queue.filter((request) => !isGone(request));
      if (left.length === queue.length) continue;
      const [next] = left;
      if (next === undefined) queues.delete(key);
      else queues.set(key, left);
      if (next !== undefined && next !== holder) answer(next.owner, next.id, true);
    }
  }

  return {
    request(owner, id, key) {
      const queue = queues.get(key) ?? [];
      if (queue.length > depth) return answer(owner, id, false);
      queue.push({ owner, id, key });
      queues.set(key, queue);
      if (queue.length === 1) answer(owner, id, true);
    },
    end: (owner, id) => remove((request) => request.owner === owner && request.id === id),
    drop: (owner) => remove((request) => request.owner === owner),
  };
}
