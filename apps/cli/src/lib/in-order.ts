/** The result of one item. */
export type Settled<Item, Result> =
  | { readonly item: Item; readonly failed: false; readonly result: Result }
  | { readonly item: Item; readonly failed: true; readonly error: unknown };

/**
 * Runs `work` on every item with at most `limit` concurrent calls, and yields the results in item order as soon as they
 * are available. Failures are yielded as well, so that the caller decides whether to continue. When the caller stops
 * early, no further call starts.
 */
export async function* inOrder<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Settled<Item, Result>, void> {
  const settled = new Map<number, Promise<Settled<Item, Result>>>();
  let started = 0;
  let active = 0;
  let stopped = false;
  const fill = (): void => {
    while (!stopped && active < limit && started < items.length) {
      const item = items[started] as Item;
      active++;
      settled.set(started++, settle(item, work).finally(leave));
    }
  };
  const leave = (): void => {
    active--;
    fill();
  };
  try {
    fill();
    for (let index = 0; index < items.length; index++) {
      const head = settled.get(index);
      // Released after it was yielded, so that ten thousand results are not kept in memory.
      settled.delete(index);
      if (head !== undefined) yield await head;
    }
  } finally {
    stopped = true;
  }
}

async function settle<Item, Result>(item: Item, work: (item: Item) => Promise<Result>): Promise<Settled<Item, Result>> {
  try {
    return { item, failed: false, result: await work(item) };
  } catch (error) {
    return { item, failed: true, error };
  }
}
