/** The vault in use, and beside it those that older rows were sealed by: a row says by its key id who opens it. */
import { CredError, type SecretVault } from '@credplex/core';

export function createVaultRouter(active: SecretVault, others: readonly SecretVault[]): SecretVault {
  const vaults = [active, ...others];
  return {
    remote: active.remote,
    activeKeyId: active.activeKeyId,
    knownKeyIds: () => vaults.flatMap((vault) => vault.knownKeyIds()),
    seal: active.seal,
    open(ref, sealed) {
      const vault = vaults.find((candidate) => candidate.knownKeyIds().includes(sealed.keyId));
      if (!vault) throw new CredError('encryption_key_missing');
      return vault.open(ref, sealed);
    },
    async revoke(ref, sealed) {
      await vaults.find((candidate) => candidate.knownKeyIds().includes(sealed.keyId))?.revoke(ref, sealed);
    },
    async destroy(ref) {
      for (const vault of vaults) await vault.destroy(ref);
    },
    check: active.check,
  };
}
