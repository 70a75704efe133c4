import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type BatcherConfig, createBatcher } from './batcher.ts';

interface Sent {
  readonly items: readonly string[];
  readonly answer: () => void;
}

/** Items are `kind:key:rest`. */
function batcher(config: Partial<BatcherConfig<string>> = {}): {
  add: (item: string) => void;
  sent: Sent[];
} {
  const sent: Sent[] = [];
  const add = createBatcher<string>({
    maxInFlight: 1,
    maxBatchSize: 100,
    timeoutMs: 25,
    kind: (item) => item.split(':')[0] ?? '',
    key: (item) => item.split(':')[1] ?? '',
    ...config,
    send: (items) => new Promise((resolve) => sent.push({ items, answer: resolve })),
  });
  return { add, sent };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const itemsOf = (sent: readonly Sent[]): (readonly string[])[] => sent.map(({ items }) => items);

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

test('an item is sent immediately while fewer than the maximum are in flight', () => {
  const { add, sent } = batcher({ maxInFlight: 2 });
  add('k:1');
  add('k:2');
  expect(itemsOf(sent)).toEqual([['k:1'], ['k:2']]);
});

test('items wait while the maximum is in flight, and are then sent as batches in their order', async () => {
  const { add, sent } = batcher({ maxBatchSize: 3 });
  for (const item of ['k:1', 'k:2', 'k:3', 'k:4', 'k:5']) add(item);
  expect(itemsOf(sent)).toEqual([['k:1']]);
  sent[0]?.answer();
  await turn();
  expect(itemsOf(sent).slice(1)).toEqual([['k:2', 'k:3', 'k:4']]);
  sent[1]?.answer();
  await turn();
  expect(itemsOf(sent).slice(2)).toEqual([['k:5']]);
});

test('after a batch, items of one turn are batched until eight items were sent alone', async () => {
  const { add, sent } = batcher({ maxInFlight: 2 });
  const settle = async (): Promise<void> => {
    for (const { answer } of sent) answer();
    await turn();
  };
  for (const item of ['k:1', 'k:2', 'k:3', 'k:4']) add(item);
  await settle();
  expect(itemsOf(sent)).toEqual([['k:1'], ['k:2'], ['k:3', 'k:4']]);
  await settle();
  add('k:5');
  add('k:6');
  expect(sent).toHaveLength(3);
  await turn();
  expect(itemsOf(sent).slice(3)).toEqual([['k:5', 'k:6']]);
  for (let alone = 0; alone < 8; alone += 1) {
    await settle();
    add('k:7');
    expect(sent).toHaveLength(4 + alone);
    await turn();
  }
  await settle();
  add('k:8');
  expect(itemsOf(sent).slice(12)).toEqual([['k:8']]);
});

test('a batch holds each key once and items of one kind only', async () => {
  const { add, sent } = batcher();
  for (const item of ['k:0', 'k:1:a', 'k:1:b', 'other:1', 'k:2', 'other:2']) add(item);
  for (const place of [0, 1, 2]) {
    sent[place]?.answer();
    await turn();
  }
  expect(itemsOf(sent)).toEqual([['k:0'], ['k:1:a', 'k:2'], ['k:1:b'], ['other:1', 'other:2']]);
});

test('a batch that times out no longer counts as in flight, and its late answer is not counted again', async () => {
  const { add, sent } = batcher();
  add('k:1');
  await turn();
  add('k:2');
  await turn();
  expect(sent).toHaveLength(1);
  vi.advanceTimersByTime(25);
  expect(itemsOf(sent)).toEqual([['k:1'], ['k:2']]);
  sent[0]?.answer();
  await turn();
  add('k:3');
  await turn();
  expect(sent).toHaveLength(2);
  sent[1]?.answer();
  await turn();
  expect(itemsOf(sent).slice(2)).toEqual([['k:3']]);
});

test('a batch holds items up to its weight, and a heavier item is sent alone', async () => {
  const { add, sent } = batcher({ maxBatchSize: 5, weight: (item) => Number(item.split(':')[2]) });
  for (const item of ['k:0:1', 'k:1:9', 'k:2:2', 'k:3:2', 'k:4:2', 'k:5:1']) add(item);
  for (const place of [0, 1, 2]) {
    sent[place]?.answer();
    await turn();
  }
  expect(itemsOf(sent)).toEqual([['k:0:1'], ['k:1:9'], ['k:2:2', 'k:3:2', 'k:5:1'], ['k:4:2']]);
});

test('an item that is cancelled while it waits is not sent', async () => {
  const cancelled = new Set<string>();
  const { add, sent } = batcher({ isCancelled: (item) => cancelled.has(item) });
  for (const item of ['k:1', 'k:2', 'k:3']) add(item);
  cancelled.add('k:2');
  sent[0]?.answer();
  await turn();
  expect(itemsOf(sent)).toEqual([['k:1'], ['k:3']]);
  add('k:4');
  cancelled.add('k:4');
  sent[1]?.answer();
  await turn();
  expect(sent).toHaveLength(2);
});

test('no timer runs unless items wait', async () => {
  const { add, sent } = batcher();
  add('k:1');
  expect(vi.getTimerCount()).toBe(0);
  add('k:2');
  expect(vi.getTimerCount()).toBe(1);
  sent[0]?.answer();
  await turn();
  expect([vi.getTimerCount(), sent.length]).toEqual([0, 2]);
});
