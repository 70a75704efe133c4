import { expect, test } from 'vitest';
import { createBroadcast } from './broadcast.ts';
import type { ToWorker } from './messages.ts';

function worker() {
  const sent: ToWorker[] = [];
  return { sent, send: (message: ToWorker) => void sent.push(message) };
}

const event = { topic: 'read_only', value: true } as const;
const published = { kind: 'published', id: 7 };

test('a value is published when every worker has applied it, the publisher included', () => {
  const [a, b] = [worker(), worker()];
  const broadcast = createBroadcast(() => [a, b]);
  broadcast.publish(a, 7, event);
  expect(b.sent).toEqual([{ kind: 'event', id: 1, event }]);
  broadcast.applied(a, 1);
  expect(a.sent).not.toContainEqual(published);
  broadcast.applied(b, 1);
  expect(a.sent).toContainEqual(published);
});

test('nothing waits for a worker that is gone', () => {
  const [a, b] = [worker(), worker()];
  const broadcast = createBroadcast(() => [a, b]);
  broadcast.publish(a, 7, event);
  broadcast.applied(a, 1);
  broadcast.drop(b);
  expect(a.sent).toContainEqual(published);
});
