import { expect, test } from 'vitest';
import { TooManyLogins } from '../concurrency-limit.ts';
import type { ToSupervisor } from './messages.ts';
import { createWorkerCoordination } from './worker-coordination.ts';

function setUp(timeoutMs = 60_000) {
  const sent: ToSupervisor[] = [];
  return { sent, coordination: createWorkerCoordination((message) => sent.push(message), timeoutMs) };
}

test('a value is published when the supervisor says so', async () => {
  const { sent, coordination } = setUp();
  const published = coordination.publish('read_only', true);
  expect(sent).toEqual([{ kind: 'publish', id: 1, event: { topic: 'read_only', value: true } }]);
  coordination.receive({ kind: 'published', id: 1 });
  await published;
});

test('a value that a worker does not take in time is unavailable', async () => {
  const { coordination } = setUp(1);
  await expect(coordination.publish('read_only', true)).rejects.toMatchObject({ code: 'unavailable' });
});

test('values that come before their subscriber reach it, in their order', () => {
  const { sent, coordination } = setUp();
  const seen: boolean[] = [];
  coordination.receive({ kind: 'event', id: 1, event: { topic: 'read_only', value: true } });
  coordination.receive({ kind: 'event', id: 2, event: { topic: 'read_only', value: false } });
  coordination.subscribe('read_only', (value) => seen.push(value));
  coordination.receive({ kind: 'event', id: 3, event: { topic: 'read_only', value: true } });
  expect(seen).toEqual([true, false, true]);
  expect(sent).toEqual([1, 2, 3].map((id) => ({ kind: 'applied', id })));
});

test('a job runs in its turn, which ends with it', async () => {
  const { sent, coordination } = setUp();
  let isRunning = false;
  const job = coordination.inTurn('account', async () => {
    isRunning = true;
  });
  expect([isRunning, sent]).toEqual([false, [{ kind: 'turn', id: 1, key: 'account' }]]);
  coordination.receive({ kind: 'turn', id: 1, granted: true });
  await job;
  expect([isRunning, sent.at(-1)]).toEqual([true, { kind: 'turn_end', id: 1 }]);
});

test('a job without a turn is refused', async () => {
  const { coordination } = setUp();
  const job = coordination.inTurn('account', async () => undefined);
  coordination.receive({ kind: 'turn', id: 1, granted: false });
  await expect(job).rejects.toThrow(TooManyLogins);
});
