/** Seals in the active vault and opens each value in the vault that its key id names. */
import { CredError, type SecretVault } from '@credplex/core';

export function createVaultRouter(active: SecretVault, others: readonly SecretVault[]): SecretVault {
  const vaults = [active, ...others];
  const vaultFor = (keyId: string): SecretVault => {
    const vault = vaults.find((candidate) => candidate.knownKeyIds().includes(keyId));
    if (!vault) throw new CredError('encryption_key_missing');
    return vault;
  };
  return {
    remote: active.remote,
    activeKeyId: active.activeKeyId,
    knownKeyIds: () => vaults.flatMap((vault) => vault.knownKeyIds()),
    seal: active.seal,
    open: (ref, sealed) => vaultFor(sealed.keyId).open(ref, sealed),
    async revoke(ref, sealed) {
      await vaultFor(sealed.keyId).revoke(ref, sealed);
    },
    async destroy(ref, keyId) {
      if (keyId !== undefined) return vaultFor(keyId).destroy(ref, keyId);
      const remotes = vaults.filter((vault) => vault.remote);
      if (remotes.length === 0) throw new CredError('encryption_key_missing');
      for (const vault of remotes) await vault.destroy(ref, undefined);
    },
    check: active.check,
  };
}
