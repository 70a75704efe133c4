/** Words with more edits are not suggested. */
const MAX_EDITS = 2;

/**
 * Returns the candidate that a mistyped word most likely means: one that starts with the word, or one within two
 * insertions, deletions, replacements or swaps of adjacent letters. Undefined if there is none.
 */
export function findNearest(word: string, candidates: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  if (lower === '') return undefined;
  let best: string | undefined;
  let bestDistance = Math.min(MAX_EDITS + 1, lower.length);
  for (const candidate of candidates) {
    const distance = candidate.startsWith(lower) ? 0 : editDistance(lower, candidate);
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** Computes the optimal string alignment distance. */
function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (last[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      const swapped =
        from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
          ? (before[j - 2] ?? Number.POSITIVE_INFINITY) + 1
          : replaced;
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replaced, swapped));
    }
    before = last;
    last = row;
  }
  return last[to.length] ?? 0;
}
