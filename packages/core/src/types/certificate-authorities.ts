/** Which CAs a certificate carries: who signed it and who is trusted beside (docs/reference/ca-rotation.md). */
import type { CertificateColumns } from '../ports/records.ts';

/** PEM texts of a CA's active and transitional versions; `null` where there is none. */
export interface CaPair {
  readonly active: string | null;
  readonly transitional: string | null;
}

/** Returns whether two PEM texts are the same apart from blanks around them. */
export const isSamePem = (a: string | null, b: string | null): boolean => a?.trim() === b?.trim();

/**
 * Returns the text of `value.ca`: the signing CA as it is stored, followed by the trusted one when CAs are
 * concatenated. Its first PEM object is the signing CA either way (docs/reference/ca-rotation.md#shown).
 */
export function shownCa(
  { ca, trustedCa }: Pick<CertificateColumns, 'ca' | 'trustedCa'>,
  concatenate: boolean,
): string | null {
  return concatenate && ca !== null && trustedCa !== null ? `${ca.trim()}\n${trustedCa.trim()}\n` : ca;
}

/**
 * Returns the CA that a copy of a certificate trusts beside its signing CA `ca`, when the CA's versions are `pair` now
 * (docs/reference/ca-rotation.md#copies).
 */
export function trustedBeside(ca: string | null, { active, transitional }: CaPair): string | null {
  if (ca === null) return null;
  const current = active ?? transitional;
  if (!isSamePem(ca, current)) return transitional === null ? null : current;
  return active === null ? null : transitional;
}
