/**
 * Batches items of concurrent callers (docs/contribute/batching.md). An item that arrives alone is sent immediately. While the
 * maximum of batches is in flight, items wait and are then sent as one batch; for a while after that, items of one turn of the event
 * loop are batched as well.
 */
export interface BatcherConfig<Item> {
  /** Batches sent and not yet answered. */
  readonly maxInFlight: number;
  /** Weight of a batch: the number of its items, where they have no {@link weight}. */
  readonly maxBatchSize: number;
  /** A batch without an answer for this long no longer counts as in flight. */
  readonly timeoutMs: number;
  /** Items of different kinds are never in one batch. Default: all are of one kind. */
  readonly kind?: (item: Item) => string;
  /** Two items with the same key are never in one batch. Default: no two have the same. */
  readonly key?: (item: Item) => string;
  /** Default: 1. An item that is heavier than a whole batch is sent alone. */
  readonly weight?: (item: Item) => number;
  /** A cancelled item is not sent. */
  readonly isCancelled?: (item: Item) => boolean;
  /** Answers every item by itself, and never rejects. */
  readonly send: (items: readonly Item[]) => Promise<void>;
}

/** Of writes: batches of `Database.writeBatch`. Figures: docs/decisions/0008-writes-that-come-together.md. */
export const WRITE_BATCHES = { maxInFlight: 2, maxBatchSize: 32, timeoutMs: 25 } as const;

/** After a batch, so many items are sent alone before the batcher stops waiting for the end of a turn. */
const SINGLES_AFTER_A_BATCH = 8;

const NO_KIND = (): string => '';
const ONE = (): number => 1;
const NEVER = (): boolean => false;

/** Returns a function that takes an item; its outcome goes through {@link BatcherConfig.send}. */
export function createBatcher<Item>(config: BatcherConfig<Item>): (item: Item) => void {
  const { maxInFlight, maxBatchSize, timeoutMs, kind = NO_KIND, key, weight = ONE, isCancelled = NEVER, send } = config;
  let waiting: Item[] = [];
  /** Batches in flight, oldest first, with the time when each was sent. */
  const inFlight = new Map<object, number>();
  let overdue: NodeJS.Timeout | undefined;
  let flushScheduled = false;
  let recentlyBatched = 0;

  /** Takes what goes with the first item that waits, in order of arrival. */
  function takeBatch(): Item[] {
    const batch: Item[] = [];
    const rest: Item[] = [];
    const keys = new Set<string>();
    let batchKind: string | undefined;
    let remainingWeight = maxBatchSize;
    for (const item of waiting) {
      if (isCancelled(item)) continue;
      const fits = batch.length === 0 || (remainingWeight >= weight(item) && kind(item) === batchKind);
      if (!fits || (key !== undefined && keys.has(key(item)))) {
        rest.push(item);
        continue;
      }
      batchKind ??= kind(item);
      remainingWeight -= weight(item);
      if (key !== undefined) keys.add(key(item));
      batch.push(item);
    }
    waiting = rest;
    return batch;
  }

  function sendBatch(items: readonly Item[]): void {
    recentlyBatched = items.length > 1 ? SINGLES_AFTER_A_BATCH : Math.max(0, recentlyBatched - 1);
    const batch = {};
    inFlight.set(batch, performance.now());
    void send(items).then(() => {
      if (inFlight.delete(batch)) flush();
    });
  }

  function flush(): void {
    clearTimeout(overdue);
    overdue = undefined;
    while (waiting.length > 0 && inFlight.size < maxInFlight) {
      const items = takeBatch();
      if (items.length > 0) sendBatch(items);
    }
    watchOldest();
  }

  /** The only timer: it runs while items wait. */
  function watchOldest(): void {
    const [oldest] = inFlight;
    if (waiting.length === 0 || oldest === undefined || overdue !== undefined) return;
    const [batch, sentAt] = oldest;
    const giveUp = (): void => {
      inFlight.delete(batch);
      flush();
    };
    overdue = setTimeout(giveUp, Math.max(0, sentAt + timeoutMs - performance.now()));
  }

  return (item) => {
    waiting.push(item);
    if (flushScheduled) return;
    if (inFlight.size >= maxInFlight) return watchOldest();
    if (recentlyBatched === 0) return flush();
    flushScheduled = true;
    setImmediate(() => {
      flushScheduled = false;
      flush();
    });
  };
}
