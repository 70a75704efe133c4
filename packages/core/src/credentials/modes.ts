/** The modes of set and generate (docs/reference/credhub-server.md#modes). */
import type { VersionRow } from '../ports/records.ts';
import type { SigningCa, Stored } from '../types/credential-type.ts';
import type { Mode } from './request.ts';

/**
 * Returns whether a request returns the stored version instead of writing a new one.
 * @param current the version to return: the active one, else the transitional one
 * @param stored the active version that converge compares with; undefined if all versions are transitional
 */
export function returnsStored(
  mode: Mode,
  current: VersionRow | undefined,
  converges: ((stored: Stored, ca?: SigningCa) => boolean) | undefined,
  stored: Stored | undefined,
  ca: SigningCa | undefined,
): boolean {
  if (current === undefined || mode === 'overwrite') return false;
  if (mode === 'no-overwrite') return true;
  return stored !== undefined && (converges?.(stored, ca) ?? false);
}
