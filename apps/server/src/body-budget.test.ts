import { expect, test, vi } from 'vitest';
import { createBodyBudget, LARGE_BODY_BYTES } from './body-budget.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const unavailable = expect.objectContaining({ code: 'unavailable' });

/** Whether a promise is settled once everything that can run has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  await new Promise(setImmediate);
  return settled;
}

test('a body waits for memory, and bodies are admitted in the order of their arrival', async () => {
  const budget = createBodyBudget(8 * MIB);
  const [first, second, third] = [budget.open(), budget.open(), budget.open()];
  expect(first.tryGrow(6 * MIB)).toBe(true);
  const waiting = second.grow(5 * MIB);
  const behind = third.grow(MIB);
  expect(await isSettled(waiting)).toBe(false);
  expect(await isSettled(behind)).toBe(false);
  first.release();
  await Promise.all([waiting, behind]);
  expect(budget.used).toBe(6 * MIB);
  for (const each of [first, second, third]) each.release();
  expect(budget.used).toBe(0);
});

test('a body that times out in the queue is unavailable and reserves nothing', async () => {
  vi.useFakeTimers();
  try {
    const budget = createBodyBudget(8 * MIB);
    const first = budget.open();
    first.tryGrow(7 * MIB);
    const refused = expect(budget.open().grow(MIB)).rejects.toThrow(unavailable);
    await vi.advanceTimersByTimeAsync(30_000);
    await refused;
    first.release();
    expect(budget.used).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('large bodies leave an eighth of the budget to small ones, and a body of one TLS record never waits', async () => {
  const budget = createBodyBudget(8 * MIB);
  const [large, more, small, tiny] = [budget.open(), budget.open(), budget.open(), budget.open()];
  expect(large.tryGrow(7 * MIB)).toBe(true);
  expect(more.tryGrow(LARGE_BODY_BYTES + 1)).toBe(false);
  expect(small.tryGrow(LARGE_BODY_BYTES)).toBe(true);
  const rest = Array.from({ length: 3 }, () => budget.open().tryGrow(LARGE_BODY_BYTES));
  expect(rest).toEqual([true, true, true]);
  expect(budget.open().tryGrow(17 * KIB)).toBe(false);
  expect(tiny.tryGrow(16 * KIB)).toBe(true);
  expect(budget.used).toBe(8 * MIB + 16 * KIB);
});

test('a body larger than the whole budget is read when nothing else is', async () => {
  const budget = createBodyBudget(MIB);
  const [first, second] = [budget.open(), budget.open()];
  expect(first.tryGrow(32 * MIB)).toBe(true);
  const waiting = second.grow(32 * MIB);
  expect(await isSettled(waiting)).toBe(false);
  first.release();
  await waiting;
});

test('a caller that disconnects while waiting leaves the queue', async () => {
  const budget = createBodyBudget(8 * MIB);
  const gone = new AbortController();
  budget.open().tryGrow(4 * MIB);
  const waiting = budget.open().grow(7 * MIB, gone.signal);
  const behind = budget.open().grow(MIB);
  expect(await isSettled(behind)).toBe(false);
  gone.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  await behind;
});

test('a released reservation admits waiting bodies', async () => {
  const budget = createBodyBudget(8 * MIB);
  const first = budget.open();
  first.tryGrow(7 * MIB);
  const waiting = budget.open().grow(2 * MIB);
  expect(await isSettled(waiting)).toBe(false);
  first.shrink(MIB);
  await waiting;
  first.release();
  expect(budget.used).toBe(2 * MIB);
});
