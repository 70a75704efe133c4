/**
 * Batches items of concurrent callers. An item that arrives alone is sent immediately. While the maximum of batches is in flight,
 * items wait and are then sent as one batch; for a while after that, items of one turn of the event loop are batched as well.
 */
export interface BatcherConfig<Item> {
  /** Batches sent and not yet answered. */
  readonly maxInFlight: number;
  /** Items in a batch. */
  readonly maxBatchSize: number;
  /** A batch without an answer for this long no longer counts as in flight. */
  readonly timeoutMs: number;
  /** Items of different kinds are never in one batch. */
  readonly kind: (item: Item) => string;
  /** Two items with the same key are never in one batch. */
  readonly key: (item: Item) => string;
  /** Answers every item by itself, and never rejects. */
  readonly send: (items: readonly Item[]) => Promise<void>;
}

/** After a batch, so many items are sent alone before the batcher stops waiting for the end of a turn. */
const SINGLES_AFTER_A_BATCH = 8;

/** Returns a function that takes an item; its outcome goes through {@link BatcherConfig.send}. */
export function createBatcher<Item>(config: BatcherConfig<Item>): (item: Item) => void {
  const { maxInFlight, maxBatchSize, timeoutMs, kind, key, send } = config;
  let waiting: Item[] = [];
  let inFlight = 0;
  let flushScheduled = false;
  let recentlyBatched = 0;

  function takeBatch(first: Item): Item[] {
    const batch = new Map<string, Item>();
    const rest: Item[] = [];
    const wanted = kind(first);
    for (const item of waiting) {
      if (batch.size < maxBatchSize && kind(item) === wanted && !batch.has(key(item))) batch.set(key(item), item);
      else rest.push(item);
    }
    waiting = rest;
    return [...batch.values()];
  }

  function sendBatch(items: readonly Item[]): void {
    inFlight += 1;
    recentlyBatched = items.length > 1 ? SINGLES_AFTER_A_BATCH : Math.max(0, recentlyBatched - 1);
    let counted = true;
    const settle = (): void => {
      if (!counted) return;
      counted = false;
      clearTimeout(timer);
      inFlight -= 1;
      flush();
    };
    const timer = setTimeout(settle, timeoutMs);
    void send(items).then(settle);
  }

  function flush(): void {
    for (;;) {
      const [first] = waiting;
      if (first === undefined || inFlight >= maxInFlight) return;
      sendBatch(takeBatch(first));
    }
  }

  return (item) => {
    waiting.push(item);
    if (flushScheduled || inFlight >= maxInFlight) return;
    if (recentlyBatched === 0) return flush();
    flushScheduled = true;
    setImmediate(() => {
      flushScheduled = false;
      flush();
    });
  };
}
