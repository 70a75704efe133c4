import { isLoadedBytes, isLoadedMap, isLoadedTime, type Loaded } from '../../src/lib/yaml/read.ts';

/** A value in the words of `main.go`. Entries are sorted, and a whole number that Go has as a double is one here too. */
export type Described =
  | null
  | boolean
  | string
  | readonly Described[]
  | { readonly int: string }
  | { readonly float: string }
  | { readonly time: string }
  | { readonly bytes: string }
  | { readonly map: readonly (readonly [Described, Described])[] };

export function describeLoaded(value: Loaded): Described {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return describeInteger(value);
  if (typeof value === 'number') return { float: describeFloat(value) };
  if (isLoadedTime(value)) return { time: value.text };
  if (isLoadedBytes(value)) return { bytes: value.base64 };
  if (!isLoadedMap(value)) return value.map(describeLoaded);
  const entries = value.entries.map(([key, item]) => [describeLoaded(key), describeLoaded(item)] as const);
  return { map: entries.toSorted(([a], [b]) => compareTexts(JSON.stringify(a), JSON.stringify(b))) };
}

/** Go keeps 64 bits; we keep all digits. */
function describeInteger(value: bigint): Described {
  const fits = value >= -(2n ** 63n) && value < 2n ** 64n;
  return fits ? { int: String(value) } : { float: describeFloat(Number(value)) };
}

function describeFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const written = value.toExponential().replace(/e([-+])(\d)$/, 'e$10$2');
  return Object.is(value, -0) ? `-${written}` : written;
}

export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
