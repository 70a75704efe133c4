/** The three columns beside every secret, as a row gives them and as the vault takes them. */
import type { Sealed } from '@credplex/core';

export interface SealedRow {
  readonly keyId: string;
  readonly format: number;
  readonly sealed: Uint8Array;
}

export function toSealed({ keyId, format, sealed }: SealedRow): Sealed {
  return { keyId, format, bytes: sealed };
}
