/**
 * Work of several callers, sent as one. What comes in while all lanes are busy leaves together, and for a while after that also what
 * comes in during one turn of the event loop: nobody waits for company when there is none, and under load the cost of a
 * statement is shared.
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

/** After a batch, so many departures of single items before nobody is waited for. */
const MEMORY = 8;

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
  /** Departures for which company is still expected. */
  let crowded = 0;

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
    crowded = items.length > 1 ? MEMORY : Math.max(0, crowded - 1);
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
    if (crowded === 0) return departAll();
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      departAll();
    });
  };
}
