import { describe, expect, test } from 'vitest';
import { backOffSeconds, startJobs } from './background.ts';

describe('background jobs', () => {
  test('stopping waits for the current run and starts no other', async () => {
    const started = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    let runs = 0;
    const run = async (): Promise<void> => {
      runs += 1;
      started.resolve();
      await release.promise;
    };
    const jobs = startJobs([{ name: 'slow', everySeconds: 0, run }], { warn: () => {} });
    await started.promise;
    let stopped = false;
    const stopping = jobs.stop().then(() => {
      stopped = true;
    });
    await Promise.resolve();
    expect(stopped).toBe(false);
    release.resolve();
    await stopping;
    expect(runs).toBe(1);
  });

  test('a job that goes on failing is logged once, retried, and logged once more after it has worked', async () => {
    const ends = [true, true, false, true];
    const told: string[] = [];
    const finished = Promise.withResolvers<void>();
    const run = async (): Promise<void> => {
      const fails = ends.shift();
      if (fails === undefined) return finished.resolve();
      if (fails) throw new Error('away');
    };
    const jobs = startJobs([{ name: 'sweep', everySeconds: 0, run }], { warn: ({ job }) => told.push(String(job)) });
    await finished.promise;
    await jobs.stop();
    expect(told).toEqual(['sweep', 'sweep']);
  });

  test('failed runs are retried soon at first, then back off', () => {
    const pauses = (job: { everySeconds: number; maxBackOffSeconds?: number }) =>
      [1, 2, 3, 4, 6, 7, 20].map((failures) => backOffSeconds(job, failures));
    expect(pauses({ everySeconds: 300 })).toEqual([5, 10, 20, 40, 160, 300, 300]);
    expect(pauses({ everySeconds: 60 })).toEqual([5, 10, 20, 40, 160, 300, 300]);
    expect(pauses({ everySeconds: 3_600 }).at(-1)).toBe(3_600);
    expect(pauses({ everySeconds: 2, maxBackOffSeconds: 2 })).toEqual([2, 2, 2, 2, 2, 2, 2]);
  });

  test('a job in its pause stops at once', async () => {
    const ran = Promise.withResolvers<void>();
    const run = async (): Promise<void> => ran.resolve();
    const jobs = startJobs([{ name: 'rare', everySeconds: 86_400, run }], { warn: () => {} });
    await ran.promise;
    await jobs.stop();
  });
});
