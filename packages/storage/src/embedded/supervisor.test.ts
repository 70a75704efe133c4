import { describe, expect, test } from 'vitest';
import { createBackoff } from './backoff.ts';
import { type ServingSession, supervise } from './supervisor.ts';

interface FakeSession extends ServingSession {
  readonly name: string;
  lose(): void;
}

function session(name: string): FakeSession {
  const { promise: lost, resolve } = Promise.withResolvers<void>();
  return { name, lost, lose: resolve };
}

describe('supervision of the embedded PostgreSQL', () => {
  test('a lost session is unavailable immediately, and the next one is available once its lock is held', async () => {
    const first = session('first');
    const restarted = Promise.withResolvers<FakeSession>();
    const restarting = Promise.withResolvers<void>();
    const supervisor = supervise({
      first,
      restart: () => {
        restarting.resolve();
        return restarted.promise;
      },
      onNotice: () => {},
      nextDelayMs: () => 0,
    });
    expect(supervisor.current()).toBe(first);
    first.lose();
    await restarting.promise;
    expect(supervisor.current()).toBeUndefined();
    const second = session('second');
    restarted.resolve(second);
    await expect.poll(() => supervisor.current()?.name).toBe('second');
    expect(await supervisor.stop()).toBe(second);
  });

  test('failed restarts are reported and retried, each after the next delay', async () => {
    const first = session('first');
    const lines: string[] = [];
    let delays = 0;
    let attempts = 0;
    const supervisor = supervise({
      first,
      async restart() {
        attempts += 1;
        if (attempts < 3) throw new Error(`reason ${attempts}`);
        return session('back');
      },
      onNotice: (line, level) => lines.push(`${level}: ${line}`),
      nextDelayMs: () => {
        delays += 1;
        return 0;
      },
    });
    first.lose();
    await expect.poll(() => supervisor.current()?.name).toBe('back');
    expect([attempts, delays]).toEqual([3, 3]);
    expect(lines.map((line) => line.replace(/\d+ ms/, 'N ms'))).toEqual([
      'warn: the embedded PostgreSQL ended or dropped the serving lock: requests get 503 until it is back',
      'warn: the embedded PostgreSQL could not be restarted, trying again: reason 1',
      'warn: the embedded PostgreSQL could not be restarted, trying again: reason 2',
      'info: the embedded PostgreSQL is back after N ms',
    ]);
    await supervisor.stop();
  });

  test('stop ends a delay and aborts a restart, and no restart follows', async () => {
    const paused = session('paused');
    const pausing = Promise.withResolvers<void>();
    const inPause = supervise({
      first: paused,
      restart: () => Promise.reject(new Error('not reached')),
      onNotice: () => {},
      nextDelayMs: () => {
        pausing.resolve();
        return 86_400_000;
      },
    });
    paused.lose();
    await pausing.promise;
    expect(await inPause.stop()).toBeUndefined();

    const first = session('first');
    const begun = Promise.withResolvers<void>();
    let restarts = 0;
    const inRestart = supervise({
      first,
      restart: (signal) =>
        new Promise<FakeSession>((_, reject) => {
          restarts += 1;
          signal.addEventListener('abort', () => reject(signal.reason));
          begun.resolve();
        }),
      onNotice: () => {},
      nextDelayMs: () => 0,
    });
    first.lose();
    await begun.promise;
    expect(await inRestart.stop()).toBeUndefined();
    expect(restarts).toBe(1);
  });

  test('delays double up to their limit and restart after a time without attempts', () => {
    let time = 0;
    const next = createBackoff({ firstMs: 100, maxMs: 1_000, resetAfterMs: 60_000, now: () => time });
    const series = Array.from({ length: 7 }, () => {
      const delay = next();
      time += delay;
      return delay;
    });
    expect(series).toEqual([0, 100, 200, 400, 800, 1_000, 1_000]);
    time += 60_000;
    expect([next(), next()]).toEqual([0, 100]);
  });
});
