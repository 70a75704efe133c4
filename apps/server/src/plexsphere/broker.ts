/** The broker over an open storage. */
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
    /** Seals what replicas share, whatever the vault is: a start does not wait for OpenBao. */
    readonly keyRing: SecretVault;
    readonly readAudit: ReadAudit;
  };
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly credentialTtlSeconds: number;
}

/** @throws CredError `unavailable`: the cursor key could be neither read nor made */
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
    // Services have no record of their own yet: a token that the operator made is all there is of one.
    ownerExists: async (owner) =>
      !owner.startsWith('user:') || (await storage.accounts.userById(owner.slice('user:'.length))) !== undefined,
  };
}
