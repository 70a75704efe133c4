/** Time comes in from outside. */
export interface Clock {
  now(): Date;
}

/** Randomness comes in from outside. Both must be cryptographically strong outside tests. */
export interface Entropy {
  /** `n` random bytes. */
  bytes(n: number): Uint8Array;
  /** A uniform integer in [0, limit), limit at most 2^31. */
  below(limit: number): number;
  /** A random (version 4) UUID, lower case. */
  uuid(): string;
}
