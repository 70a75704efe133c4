/** Work that goes on beside requests: each job again and again, one run at a time, until the server stops. */

export interface Job {
  readonly name: string;
  /** Pause between two runs. A failed run is told and tried again after it. */
  readonly everySeconds: number;
  /** `signal` is aborted when the server stops: a long run looks at it between its steps. */
  run(signal: AbortSignal): Promise<void>;
}

export interface JobLog {
  warn(fields: Readonly<Record<string, unknown>>, text: string): void;
}

/** A run that waits for a database that is away is not waited for: what it does is safe to cut off anywhere. */
const STOP_SECONDS = 5;

/** A database that is away fails every job every time: told once until it works again. */
export function startJobs(jobs: readonly Job[], log: JobLog): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const loops = jobs.map(async ({ name, everySeconds, run }) => {
    let failing = false;
    while (!stopping.signal.aborted) {
      try {
        await run(stopping.signal);
        failing = false;
      } catch (error) {
        if (!failing && !stopping.signal.aborted) log.warn({ job: name, err: error }, 'a background job failed');
        failing = true;
      }
      await pause(everySeconds * 1000, stopping.signal);
    }
  });
  return {
    async stop() {
      stopping.abort();
      const enough = new AbortController();
      await Promise.race([Promise.all(loops), pause(STOP_SECONDS * 1000, enough.signal)]);
      enough.abort();
    },
  };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds).unref();
    signal.addEventListener('abort', done, { once: true });
  });
}
