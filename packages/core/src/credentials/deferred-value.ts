import type { Secret } from '../secret.ts';

/**
 * A value that is fetched and opened only when the response is written, so that a list of large values is never in
 * memory as a whole.
 */
export class DeferredValue {
  /** Bytes of the sealed value, slightly more than the value itself. */
  readonly size: number;
  readonly open: () => Promise<Secret>;
  constructor(size: number, open: () => Promise<Secret>) {
    this.size = size;
    this.open = open;
  }
}
