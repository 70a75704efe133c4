/** The CAs of a certificate: the signing CA and, during a rotation, the trusted one (docs/reference/ca-rotation.md). */
import type { CertificateColumns } from '../ports/records.ts';

/** PEM texts of a CA's active and transitional versions; `null` if there is none. */
export interface CaPair {
  readonly active: string | null;
  readonly transitional: string | null;
}

/** Returns whether two PEM texts are equal, ignoring surrounding white space. */
export function isSamePem(a: string | null, b: string | null): boolean {
  return a?.trim() === b?.trim();
}

/**
 * Returns the text of `value.ca`: the signing CA, followed by the trusted one if CAs are concatenated. The first PEM
 * object is always the signing CA (docs/reference/ca-rotation.md#shown).
 */
export function shownCa(
  { ca, trustedCa }: Pick<CertificateColumns, 'ca' | 'trustedCa'>,
  concatenate: boolean,
): string | null {
  return concatenate && ca !== null && trustedCa !== null ? `${ca.trim()}\n${trustedCa.trim()}\n` : ca;
}

/**
 * Returns the CA that a copied certificate trusts in addition to its signing CA, given the CA's current versions
 * (docs/reference/ca-rotation.md#copies).
 */
export function trustedBeside(ca: string | null, { active, transitional }: CaPair): string | null {
  if (ca === null) return null;
  const current = active ?? transitional;
  if (!isSamePem(ca, current)) return transitional === null ? null : current;
  return active === null ? null : transitional;
}
