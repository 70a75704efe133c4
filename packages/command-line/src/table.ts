/** Columns are not truncated below this width. */
const MIN_COLUMN_WIDTH = 8;
const GAP = '  ';

/**
 * Formats rows as aligned columns with headings.
 *
 * @param width of the terminal; long cells are truncated with an ellipsis until every line fits. Undefined, as for a
 * pipe: nothing is truncated.
 */
export function renderTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): string {
  const lines = [headings, ...rows];
  const natural = headings.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const widths = width === undefined ? natural : fit(natural, width - GAP.length * (headings.length - 1));
  return lines
    .map(
      (line) =>
        `${widths
          .map((limit, column) => cut(line[column] ?? '', limit).padEnd(limit))
          .join(GAP)
          .trimEnd()}\n`,
    )
    .join('');
}

/** Truncates the first column last, because it identifies the row. */
function fit(natural: readonly number[], room: number): readonly number[] {
  const [first = 0, ...others] = natural;
  const narrowed = [first, ...shrink(others, room - first)];
  return sum(narrowed) <= room ? narrowed : shrink(narrowed, room);
}

/** Truncates the widest columns first, so that short ones stay complete. */
function shrink(natural: readonly number[], room: number): readonly number[] {
  const widths = [...natural];
  for (let excess = sum(widths) - room; excess > 0; ) {
    const widest = Math.max(...widths);
    if (widest <= MIN_COLUMN_WIDTH) break;
    const others = widths.filter((one) => one < widest);
    const floor = Math.max(MIN_COLUMN_WIDTH, ...others);
    const count = widths.length - others.length;
    const step = Math.max(1, Math.min(widest - floor, Math.floor(excess / count)));
    for (const [column, one] of widths.entries()) {
      if (one !== widest || excess <= 0) continue;
      widths[column] = one - step;
      excess -= step;
    }
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}
