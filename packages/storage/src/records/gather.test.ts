import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createGather } from './gather.ts';

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

test('an item leaves in the turn in which it came, and with it what came in the same turn', async () => {
  const { add, sent } = gather();
  add('k:1');
  add('k:2');
  await turn();
  expect(itemsOf(sent)).toEqual([['k:1', 'k:2']]);
});

test('while all lanes are busy, items wait and then leave together, first come first', async () => {
  const { add, sent } = gather({ lanes: 2, most: 2 });
  for (const item of ['k:1', 'k:2', 'k:3', 'k:4', 'k:5', 'k:6', 'k:7']) add(item);
  await turn();
  expect(itemsOf(sent)).toEqual([
    ['k:1', 'k:2'],
    ['k:3', 'k:4'],
  ]);
  sent[1]?.answer();
  await turn();
  expect(itemsOf(sent).slice(2)).toEqual([['k:5', 'k:6']]);
  sent[0]?.answer();
  await turn();
  expect(itemsOf(sent).slice(3)).toEqual([['k:7']]);
});

test('one key is never twice in a batch, and kinds do not mix', async () => {
  const { add, sent } = gather({ lanes: 10 });
  for (const item of ['k:1:a', 'k:1:b', 'other:1', 'k:2', 'other:2']) add(item);
  await turn();
  expect(itemsOf(sent)).toEqual([['k:1:a', 'k:2'], ['k:1:b'], ['other:1', 'other:2']]);
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
