/** Background jobs: each is repeated, one run at a time, until the server stops. */

export interface Job {
  readonly name: string;
  /** Pause between two runs. */
  readonly everySeconds: number;
  /**
   * The longest pause after failed runs. The first one is followed by at most five seconds, and each further one by twice
   * as long. Default: `everySeconds`, but at least five minutes.
   */
  readonly maxBackOffSeconds?: number;
  /**
   * `signal` is aborted when the server stops: a long run looks at it between its steps. A number is the pause in seconds
   * before the next run, instead of `everySeconds`.
   */
  run(signal: AbortSignal): Promise<number | undefined> | Promise<void>;
}

export interface JobLog {
  warn(fields: Readonly<Record<string, unknown>>, text: string): void;
}

/** A run that waits for a database that is away is abandoned at the stop: its work is safe to cut off anywhere. */
const STOP_SECONDS = 5;
const FIRST_BACK_OFF_SECONDS = 5;
const MAX_BACK_OFF_SECONDS = 300;

/** Returns the pause in seconds after `failures` failed runs in a row. */
export function backOffSeconds(job: Pick<Job, 'everySeconds' | 'maxBackOffSeconds'>, failures: number): number {
  const first = Math.min(job.everySeconds, FIRST_BACK_OFF_SECONDS);
  const longest = job.maxBackOffSeconds ?? Math.max(job.everySeconds, MAX_BACK_OFF_SECONDS);
  return Math.min(first * 2 ** (failures - 1), longest);
}

/** A database that is away fails every job every time: logged once until it works again. */
export function startJobs(jobs: readonly Job[], log: JobLog): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const loops = jobs.map(async (job) => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      let seconds = job.everySeconds;
      try {
        seconds = (await job.run(stopping.signal)) ?? seconds;
        failures = 0;
      } catch (error) {
        failures += 1;
        seconds = backOffSeconds(job, failures);
        if (failures === 1 && !stopping.signal.aborted) {
          log.warn({ job: job.name, err: error }, 'a background job failed and is tried again');
        }
      }
      await pause(seconds * 1000, stopping.signal);
    }
  });
  return {
    async stop() {
      stopping.abort();
      const ended = new AbortController();
      await Promise.race([Promise.all(loops), pause(STOP_SECONDS * 1000, ended.signal)]);
      ended.abort();
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
