/** The three columns of every sealed value, and their conversion for the vault. */
import type { Sealed } from '@credplex/core';

export interface SealedRow {
  readonly keyId: string;
  readonly format: number;
  readonly sealed: Uint8Array;
}

export function toSealed({ keyId, format, sealed }: SealedRow): Sealed {
  return { keyId, format, bytes: sealed };
}
