import type { Secret } from '../secret.ts';

/** A value that is fetched and opened only when it is written, so that a list of large values never stands in memory at once. */
export class DeferredValue {
  /** Bytes of the sealed value: a little more than the value has. */
  readonly size: number;
  readonly open: () => Promise<Secret>;
  constructor(size: number, open: () => Promise<Secret>) {
    this.size = size;
    this.open = open;
  }
}
