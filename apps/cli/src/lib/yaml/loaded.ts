/** What a document means: keys of any kind, integers as bigint, floats as number, times apart from texts. */
export type Loaded = null | boolean | string | bigint | number | LoadedTime | LoadedBytes | LoadedList | LoadedMap;

type LoadedList = readonly Loaded[];

export interface LoadedTime {
  readonly kind: 'time';
  readonly written: string;
  /** RFC 3339 with zone. */
  readonly text: string;
}

/** Binary data that is no UTF-8 text. */
export interface LoadedBytes {
  readonly kind: 'bytes';
  readonly base64: string;
}

export interface LoadedMap {
  readonly kind: 'map';
  readonly entries: readonly LoadedEntry[];
}

export type LoadedEntry = readonly [key: Loaded, value: Loaded];

export function isLoadedMap(value: Loaded | undefined): value is LoadedMap {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'map';
}

export function isLoadedTime(value: Loaded | undefined): value is LoadedTime {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'time';
}

export function isLoadedBytes(value: Loaded | undefined): value is LoadedBytes {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'bytes';
}

/** The entries of a map while it is read. A key that comes again replaces the value. */
export class EntryCollector {
  readonly #entries = new Map<string, LoadedEntry>();

  set(key: Loaded, value: Loaded): void {
    this.#entries.set(identityOf(key), [key, value]);
  }

  toMap(): LoadedMap {
    return { kind: 'map', entries: [...this.#entries.values()] };
  }
}

/** Tells scalars apart as Go's maps do: 1, 1.0 and "1" are three keys. */
export function identityOf(key: Loaded): string {
  if (isLoadedTime(key)) return `time ${key.text}`;
  if (isLoadedBytes(key)) return `bytes ${key.base64}`;
  return `${typeof key} ${String(key)}`;
}
