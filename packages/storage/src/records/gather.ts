/**
 * Work of several callers, sent as one. What comes in during one turn of the event loop, or while all lanes are busy, leaves
 * together: nobody waits for company when the way is free, and under load the cost of a statement is shared.
 */
export interface GatherConfig<Item> {
  /** Batches on their way at once. */
  readonly lanes: number;
  /** Items in a batch. */
  readonly most: number;
  /** Milliseconds after which a batch without an answer no longer holds others back. */
  readonly patience: number;
  /** Only items of one kind travel together. */
  readonly kind: (item: Item) => string;
  /** Two items with the same key never do. */
  readonly key: (item: Item) => string;
  /** Answers every item by itself, and never rejects. */
  readonly send: (items: readonly Item[]) => Promise<void>;
}

export function createGather<Item>({
  lanes,
  most,
  patience,
  kind,
  key,
  send,
}: GatherConfig<Item>): (item: Item) => void {
  let waiting: Item[] = [];
  let busy = 0;
  let scheduled = false;

  function take(first: Item): Item[] {
    const taken = new Map<string, Item>();
    const left: Item[] = [];
    const wanted = kind(first);
    for (const item of waiting) {
      if (taken.size < most && kind(item) === wanted && !taken.has(key(item))) taken.set(key(item), item);
      else left.push(item);
    }
    waiting = left;
    return [...taken.values()];
  }

  function depart(items: readonly Item[]): void {
    busy += 1;
    let counted = true;
    const free = (): void => {
      if (!counted) return;
      counted = false;
      clearTimeout(timer);
      busy -= 1;
      departAll();
    };
    const timer = setTimeout(free, patience);
    void send(items).then(free);
  }

  function departAll(): void {
    for (;;) {
      const [first] = waiting;
      if (first === undefined || busy >= lanes) return;
      depart(take(first));
    }
  }

  return (item) => {
    waiting.push(item);
    if (scheduled || busy >= lanes) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      departAll();
    });
  };
}
