/** Limits the number of concurrent and of waiting logins. */

export class TooManyLogins extends Error {
  override readonly name = 'TooManyLogins';
}

type Run = <T>(job: () => Promise<T>) => Promise<T>;

/** Runs at most `width` jobs at once; `depth` more wait in the order of their arrival. @throws TooManyLogins beyond that */
export function createConcurrencyLimit(maxRunning: number, maxWaiting: number): Run {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (job) => {
    if (running >= maxRunning) {
      if (waiting.length >= maxWaiting) throw new TooManyLogins();
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

/** Runs the jobs of one key one after another, those of different keys concurrently. */
export function createConcurrencyLimits(maxWaiting: number): <T>(key: string, job: () => Promise<T>) => Promise<T> {
  const limits = new Map<string, { readonly run: Run; users: number }>();
  return async (key, job) => {
    const entry = limits.get(key) ?? { run: createConcurrencyLimit(1, maxWaiting), users: 0 };
    limits.set(key, entry);
    entry.users += 1;
    try {
      return await entry.run(job);
    } finally {
      entry.users -= 1;
      if (entry.users === 0) limits.delete(key);
    }
  };
}
