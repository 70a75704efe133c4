/** Waiting in line: how many logins are looked at together, and how many may wait for their turn. */

export class TooManyLogins extends Error {
  override readonly name = 'TooManyLogins';
}

type Lane = <T>(job: () => Promise<T>) => Promise<T>;

/** Runs at most `width` jobs at once, lets `depth` wait, in the order of their coming. @throws TooManyLogins beyond that */
export function createLane(width: number, depth: number): Lane {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (job) => {
    if (running >= width) {
      if (waiting.length >= depth) throw new TooManyLogins();
      await new Promise<void>((go) => waiting.push(go));
    } else {
      running += 1;
    }
    try {
      return await job();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

/** A lane of width one for each key: jobs of one key run one after another, those of different keys together. */
export function createLanes(depth: number): <T>(key: string, job: () => Promise<T>) => Promise<T> {
  const lanes = new Map<string, { readonly lane: Lane; users: number }>();
  return async (key, job) => {
    const entry = lanes.get(key) ?? { lane: createLane(1, depth), users: 0 };
    lanes.set(key, entry);
    entry.users += 1;
    try {
      return await entry.lane(job);
    } finally {
      entry.users -= 1;
      if (entry.users === 0) lanes.delete(key);
    }
  };
}
