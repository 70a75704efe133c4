import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createGather } from './batcher.ts';

interface Sent {
  readonly items: readonly string[];
  readonly answer: () => void;
}

/** Items are `kind:key:rest`. */
function gather(config: { lanes?: number; most?: number } = {}): { add: (item: string) => void; sent: Sent[] } {
  const sent: Sent[] = [];
  const add = createGather<string>({
    lanes: config.lanes ?? 1,
    most: config.most ?? 100,
    patience: 25,
    kind: (item) => item.split(':')[0] ?? '',
    key: (item) => item.split(':')[1] ?? '',
    send: (items) => new Promise((resolve) => sent.push({ items, answer: resolve })),
  });
  return { add, sent };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const itemsOf = (sent: readonly Sent[]): (readonly string[])[] => sent.map(({ items }) => items);

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

test('while the way is free an item leaves at once', () => {
  const { add, sent } = gather({ lanes: 2 });
  add('k:1');
  add('k:2');
  expect(itemsOf(sent)).toEqual([['k:1'], ['k:2']]);
});

test('while all lanes are busy, items wait and then leave together, first come first', async () => {
  const { add, sent } = gather({ most: 3 });
  for (const item of ['k:1', 'k:2', 'k:3', 'k:4', 'k:5']) add(item);
  expect(itemsOf(sent)).toEqual([['k:1']]);
  sent[0]?.answer();
  await turn();
  expect(itemsOf(sent).slice(1)).toEqual([['k:2', 'k:3', 'k:4']]);
  sent[1]?.answer();
  await turn();
  expect(itemsOf(sent).slice(2)).toEqual([['k:5']]);
});

test('after a batch, what comes in the same turn leaves together, until eight have left alone', async () => {
  const { add, sent } = gather({ lanes: 2 });
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

test('one key is never twice in a batch, and kinds do not mix', async () => {
  const { add, sent } = gather();
  for (const item of ['k:0', 'k:1:a', 'k:1:b', 'other:1', 'k:2', 'other:2']) add(item);
  for (const place of [0, 1, 2]) {
    sent[place]?.answer();
    await turn();
  }
  expect(itemsOf(sent)).toEqual([['k:0'], ['k:1:a', 'k:2'], ['k:1:b'], ['other:1', 'other:2']]);
});

test('a batch without an answer stops holding others back, and its late answer frees nothing a second time', async () => {
  const { add, sent } = gather();
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
