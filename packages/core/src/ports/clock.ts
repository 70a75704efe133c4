/** The source of time, injected so that tests can set it. */
export interface Clock {
  now(): Date;
}

/** The source of randomness. It must be cryptographically secure outside tests. */
export interface Entropy {
  /** Returns `n` random bytes. */
  bytes(n: number): Uint8Array;
  /** Returns a uniform integer in [0, limit), with a limit of at most 2^31. */
  below(limit: number): number;
  /** Returns a random (version 4) UUID in lower case. */
  uuid(): string;
}
