/** Creates the broker on an open storage. */
import {
  type AccountRecords,
  type BrokerDeps,
  type Clock,
  type Entropy,
  type Intents,
  loadCursorKey,
  type PlexsphereRecords,
  type ReadAudit,
  type SecretVault,
  type SharedSecrets,
} from '@credplex/core';

export interface BrokerParts {
  readonly storage: {
    readonly plexsphere: PlexsphereRecords;
    readonly accounts: Pick<AccountRecords, 'userById'>;
    readonly intents: Intents;
    readonly shared: SharedSecrets;
    readonly vault: SecretVault;
    /** Seals values that replicas share, with any vault, so that a start does not depend on OpenBao. */
    readonly keyRing: SecretVault;
    readonly readAudit: ReadAudit;
  };
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly credentialTtlSeconds: number;
}

/** Opens the broker. @throws CredError `unavailable` when the cursor key can be neither read nor created */
export async function openBroker({ storage, clock, entropy, credentialTtlSeconds }: BrokerParts): Promise<BrokerDeps> {
  return {
    records: storage.plexsphere,
    intents: storage.intents,
    vault: storage.vault,
    clock,
    entropy,
    readAudit: storage.readAudit,
    cursorKey: await loadCursorKey({ shared: storage.shared, vault: storage.keyRing, entropy }),
    credentialTtlSeconds,
    // Services have no records yet; only tokens that the operator issued.
    ownerExists: async (owner) =>
      !owner.startsWith('user:') || (await storage.accounts.userById(owner.slice('user:'.length))) !== undefined,
  };
}
