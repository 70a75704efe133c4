/** The vault in use, which also opens large values: those that were left in their row, and those that take long. */
import type { Sealed, SecretDocument, SecretVault } from '@credplex/core';
import type { LocalVault } from './sql.ts';

/** Above this a value is opened in slices. */
const LARGE_BYTES = 1024 * 1024;

export function openingLargeValues(
  vault: SecretVault,
  keyRing: Pick<LocalVault, 'knownKeyIds' | 'openInSlices'>,
  /** Fetches the sealed value of a version that was left in its row. */
  load: (id: string) => Promise<Sealed>,
): SecretVault {
  const openWhole = (
    ref: Parameters<SecretVault['open']>[0],
    sealed: Sealed,
  ): Promise<SecretDocument> | SecretDocument =>
    sealed.bytes.length > LARGE_BYTES && keyRing.knownKeyIds().includes(sealed.keyId)
      ? keyRing.openInSlices(ref, sealed)
      : vault.open(ref, sealed);
  return {
    ...vault,
    open: (ref, sealed) =>
      sealed.deferredBytes === undefined ? openWhole(ref, sealed) : load(ref.id).then((whole) => openWhole(ref, whole)),
  };
}
