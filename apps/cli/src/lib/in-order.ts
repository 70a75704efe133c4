/** What became of one item. */
export type Settled<Item, Result> =
  | { readonly item: Item; readonly failed: false; readonly result: Result }
  | { readonly item: Item; readonly failed: true; readonly error: unknown };

/**
 * Runs `work` on every item, at most `limit` at once, and hands out the results in the order of the items, each as
 * soon as all before it are there. A failure is handed out too, so that the caller decides whether to go on; when the
 * caller stops early, nothing new is started.
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
      // What was handed out is the caller's; ten thousand results are not kept here as well.
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
