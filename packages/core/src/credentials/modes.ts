/** Whether a request writes or returns what is stored (docs/reference/credhub-server.md#modes). */
import type { VersionRow } from '../ports/records.ts';
import type { SigningCa, Stored } from '../types/credential-type.ts';
import type { Mode } from './request.ts';

/**
 * @param current the version a hit would return: the active one, else the transitional one
 * @param active undefined also for a certificate with only transitional versions: nothing to converge with
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
