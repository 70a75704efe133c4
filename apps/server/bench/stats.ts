/** Computes medians and quartiles of figures. */
export interface Summary {
  readonly median: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
}

/** Returns median and quartiles, interpolated between neighbours. */
export function summary(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const quantile = (part: number): number => {
    const place = (sorted.length - 1) * part;
    const [below = Number.NaN, above = Number.NaN] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
    return below + (above - below) * (place - Math.floor(place));
  };
  return { median: quantile(0.5), lowerQuartile: quantile(0.25), upperQuartile: quantile(0.75) };
}

export function round(value: number, digits = 2): string {
  return value.toFixed(digits);
}

/** Formats as `median (quartiles)`. */
export function spread(s: Summary, digits = 2): string {
  return `${round(s.median, digits)} (${round(s.lowerQuartile, digits)}–${round(s.upperQuartile, digits)})`;
}
