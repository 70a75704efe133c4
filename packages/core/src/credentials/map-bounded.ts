/**
 * Maps items with at most `width` concurrent calls and keeps their order. After a failure no further call starts; the
 * first failure is thrown when all running calls have ended.
 */
export async function mapBounded<T, R>(
  items: readonly T[],
  width: number,
  act: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const [only] = items;
  if (items.length === 1 && only !== undefined) return [await act(only, 0)];
  const results = new Array<R>(items.length);
  const failures: unknown[] = [];
  let next = 0;
  const runWorker = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        results[index] = await act(items[index] as T, index);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, runWorker));
  if (failures.length > 0) throw failures[0];
  return results;
}
