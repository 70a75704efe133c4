import { CredError } from '@credplex/core';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type BatchAnswer, createSharedReader, defineSharedRead, type ReadExecutor } from './shared-read.ts';
import type { Parameters } from './statement.ts';

interface Values {
  readonly id: string;
  readonly size?: number;
}
interface Row {
  readonly id: string;
}

const read = defineSharedRead(
  (p: Parameters<Values>, form) => sql<Row>`select ${p.id}::text as id, ${sql.raw(`'${form}'`)} as form`,
  { weight: ({ size = 1 }) => size, isCut: (rows) => rows.some(({ id }) => id.startsWith('large')) },
);

interface Sent {
  readonly ids: readonly string[];
  /** Undefined for a read that was sent alone. */
  readonly reply: (answer: BatchAnswer | 'refused' | Error) => void;
}

const idsOf = (array: string): string[] => [...array.matchAll(/"([^"]*)"/g)].map(([, id = '']) => id);

interface ReaderOptions {
  readonly holdSingles?: boolean;
  readonly timeoutMs?: number;
  readonly fail?: (id: string) => Error | undefined;
}

/** A batch waits for the test's reply; so does a single read where it is held. */
function reader(options: ReaderOptions = {}) {
  const singles: string[] = [];
  const held: (() => void)[] = [];
  const batches: Sent[] = [];
  const executor: ReadExecutor = {
    async single(_, values) {
      const { id } = values as Values;
      singles.push(id);
      if (options.holdSingles) await new Promise<void>((resolve) => held.push(resolve));
      const failure = options.fail?.(id);
      if (failure) throw failure;
      return [{ id, alone: true }] as never;
    },
    batch: (_, columns) =>
      new Promise((resolve, reject) => {
        const reply: Sent['reply'] = (answer) => (answer instanceof Error ? reject(answer) : resolve(answer));
        batches.push({ ids: idsOf(columns['id'] ?? ''), reply });
      }),
  };
  const limits = { maxInFlight: 1, maxBatchSize: 4, timeoutMs: options.timeoutMs ?? 25, deadlineMs: 1_500 };
  const share = createSharedReader(limits, executor);
  return {
    singles,
    batches,
    ask: (id: string, size?: number) => share(read, size === undefined ? { id } : { id, size }),
    releaseSingles: () => held.splice(0).forEach((release) => void release()),
  };
}

const answerOf = ({ ids }: Sent): BatchAnswer => ({ names: ['id'], rows: ids.map((id, index) => [index + 1, id]) });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** Asks for `first` alone, and for the others while it is in flight; they are then sent as a batch. */
async function gathered(under: ReturnType<typeof reader>, ids: readonly string[]) {
  const first = under.ask('first');
  const others = ids.map((id) => under.ask(id));
  under.releaseSingles();
  await first;
  await turn();
  return others;
}

test('a read that arrives alone is sent at once, as a statement of its own and without a timer', async () => {
  const under = reader();
  const answer = under.ask('a');
  expect([under.singles, vi.getTimerCount()]).toEqual([['a'], 0]);
  expect(await answer).toEqual([{ id: 'a', alone: true }]);
});

test('reads that arrive while one is in flight are sent in one statement, in their order, each answered with its rows', async () => {
  const under = reader({ holdSingles: true });
  const others = await gathered(under, ['b', 'c', 'b']);
  expect(under.batches.map(({ ids }) => ids)).toEqual([['b', 'c', 'b']]);
  under.batches[0]?.reply({
    names: ['id', 'more'],
    rows: [
      [3, 'b', 1],
      [1, 'b', 2],
      [1, 'b', 3],
    ],
  });
  expect(await Promise.all(others)).toEqual([
    [
      { id: 'b', more: 2 },
      { id: 'b', more: 3 },
    ],
    [],
    [{ id: 'b', more: 1 }],
  ]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a statement takes callers up to its size; the others go with the next one', async () => {
  const under = reader({ holdSingles: true });
  const others = await gathered(under, ['b', 'c', 'd', 'e', 'f', 'g']);
  expect(under.batches.map(({ ids }) => ids)).toEqual([['b', 'c', 'd', 'e']]);
  for (const place of [0, 1]) {
    const sent = under.batches[place] as Sent;
    sent.reply(answerOf(sent));
    await turn();
  }
  expect(under.batches.map(({ ids }) => ids)[1]).toEqual(['f', 'g']);
  expect((await Promise.all(others)).flat()).toEqual(['b', 'c', 'd', 'e', 'f', 'g'].map((id) => ({ id })));
});

test('a caller that asks for much counts for as many', async () => {
  const under = reader({ holdSingles: true });
  const first = under.ask('first');
  void under.ask('b', 3);
  void under.ask('c', 2);
  void under.ask('d', 1);
  under.releaseSingles();
  await first;
  await turn();
  expect(under.batches.map(({ ids }) => ids)).toEqual([['b', 'd']]);
});

test('a caller with long texts counts for more, so that a statement stays small', async () => {
  const under = reader({ holdSingles: true });
  const first = under.ask('first');
  const long = 'l'.repeat(3 * 4096);
  for (const id of [long, 'b', 'c']) void under.ask(id);
  under.releaseSingles();
  await first;
  await turn();
  expect(under.singles.slice(1)).toEqual([long]);
  under.releaseSingles();
  await turn();
  expect(under.batches.map(({ ids }) => ids)).toEqual([['b', 'c']]);
});

test('when a batch is refused each caller is read alone, and has its own answer or error', async () => {
  const bad = new CredError('bad_request');
  const under = reader({ holdSingles: true, fail: (id) => (id === 'bad' ? bad : undefined) });
  const others = await gathered(under, ['b', 'bad', 'c']);
  under.batches[0]?.reply('refused');
  await turn();
  under.releaseSingles();
  expect(await Promise.allSettled(others)).toEqual([
    { status: 'fulfilled', value: [{ id: 'b', alone: true }] },
    { status: 'rejected', reason: bad },
    { status: 'fulfilled', value: [{ id: 'c', alone: true }] },
  ]);
});

test('when the database is away every caller of the batch is told so, and none is read again', async () => {
  const under = reader({ holdSingles: true });
  const others = await gathered(under, ['b', 'c']);
  const away = new CredError('unavailable');
  under.batches[0]?.reply(away);
  expect(await Promise.allSettled(others)).toEqual([
    { status: 'rejected', reason: away },
    { status: 'rejected', reason: away },
  ]);
  expect(under.singles).toEqual(['first']);
});

test('a caller whose answer a batch has cut is read alone, and keeps nobody waiting', async () => {
  const under = reader({ holdSingles: true });
  const [small, large] = await gathered(under, ['b', 'large']);
  const sent = under.batches[0] as Sent;
  sent.reply(answerOf(sent));
  expect(await small).toEqual([{ id: 'b' }]);
  const next = under.ask('c');
  await turn();
  expect(under.singles).toEqual(['first', 'large', 'c']);
  under.releaseSingles();
  expect(await large).toEqual([{ id: 'large', alone: true }]);
  expect(await next).toEqual([{ id: 'c', alone: true }]);
});

test('a caller whose deadline passes gets unavailable, and is not sent when it only waited', async () => {
  const under = reader({ holdSingles: true, timeoutMs: 10_000 });
  const first = under.ask('first');
  const expired = Promise.allSettled([under.ask('b')]);
  vi.advanceTimersByTime(1_500);
  expect(await expired).toMatchObject([{ status: 'rejected', reason: { code: 'unavailable' } }]);
  const next = under.ask('c');
  under.releaseSingles();
  await first;
  await turn();
  under.releaseSingles();
  expect(await next).toEqual([{ id: 'c', alone: true }]);
  expect([under.singles, under.batches]).toEqual([['first', 'c'], []]);
});

test('a caller whose deadline passes costs nobody else of its batch the answer', async () => {
  const under = reader({ holdSingles: true });
  const first = under.ask('first');
  const early = Promise.allSettled([under.ask('b')]);
  vi.advanceTimersByTime(20);
  const late = under.ask('c');
  under.releaseSingles();
  await first;
  await turn();
  vi.advanceTimersByTime(1_480);
  expect(await early).toMatchObject([{ status: 'rejected', reason: { code: 'unavailable' } }]);
  const sent = under.batches[0] as Sent;
  sent.reply(answerOf(sent));
  expect(await late).toEqual([{ id: 'c' }]);
});

test('the statement of several callers has their values as columns, and its number of callers is hidden from the planner', () => {
  const { batch } = defineSharedRead(
    (p: Parameters<{ id: string; actor: string | null }>, form) =>
      sql`select ${sql.raw(`'${form}'`)} from t where id = ${p.id} and (${p.actor} is null or actor = ${p.actor})`,
    { types: { id: 'uuid' } },
  );
  expect(batch.text.replace(/\s+/g, ' ')).toBe(
    'select caller.position::int, answer.* from unnest((select $1::uuid[]), (select $2::text[])) ' +
      'with ordinality as caller ("id", "actor", "position") cross join lateral (select \'batch\' from t ' +
      'where id = caller."id" and (caller."actor" is null or actor = caller."actor") offset 0) as answer',
  );
});
