/** Opens large values: it loads those that a query left in their row, and decrypts in slices to keep the event loop responsive. */
import type { Sealed, SecretVault } from '@credplex/core';
import type { LocalVault } from './sql.ts';

/** Above this a value is opened in slices. */
const LARGE_BYTES = 1024 * 1024;

export function withLargeValues(
  vault: SecretVault,
  keyRing: Pick<LocalVault, 'knownKeyIds' | 'openInPlace'>,
  /** Loads the sealed value of a version that a query left in its row. */
  load: (id: string) => Promise<Sealed>,
): SecretVault {
  const isOurs = ({ keyId, bytes }: Sealed): boolean =>
    bytes.length > LARGE_BYTES && keyRing.knownKeyIds().includes(keyId);
  return {
    ...vault,
    open(ref, sealed) {
      if (sealed.deferredBytes !== undefined) {
        return load(ref.id).then((whole) => (isOurs(whole) ? keyRing.openInPlace(ref, whole) : vault.open(ref, whole)));
      }
      // openInPlace overwrites its input, and these bytes belong to the caller.
      return isOurs(sealed)
        ? keyRing.openInPlace(ref, { ...sealed, bytes: Uint8Array.from(sealed.bytes) })
        : vault.open(ref, sealed);
    },
  };
}
