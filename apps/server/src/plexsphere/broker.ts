/** The broker over an open storage, and what runs beside it. */
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
  sweepCloudCredentials,
  sweepIntents,
} from '@credplex/core';
import type { Logger } from '../logger.ts';

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

/** contract.md D. */
const SWEEP_EVERY_MS = 60_000;
/** A write takes seconds at most; what is older than this died. */
const INTENT_AGE_MS = 15 * 60_000;
const INTENT_BATCH = 100;
/** Expired tokens are kept this long, so that a list can be asked why one stopped working. */
const TOKEN_KEPT_MS = 30 * 86_400_000;

export interface Sweeper {
  /** One round now. @throws what the stores do; the next round goes on */
  sweep(): Promise<void>;
  /** Ends the rounds; resolves when the one that runs is over. */
  stop(): Promise<void>;
}

export function startSweeper(broker: BrokerDeps, logger: Logger): Sweeper {
  let running: Promise<void> | undefined;
  const round = async () => {
    const now = broker.clock.now().getTime();
    const swept = await sweepCloudCredentials(broker, broker.entropy.uuid());
    const destroyed = await sweepIntents(broker, new Date(now - INTENT_AGE_MS), INTENT_BATCH);
    await broker.records.purgeTokens(new Date(now - TOKEN_KEPT_MS));
    if (swept.expired + swept.putOutOfUse + destroyed > 0) logger.info({ ...swept, destroyed }, 'sweep');
  };
  const sweep = () => (running ??= round().finally(() => (running = undefined)));
  const timer = setInterval(() => {
    sweep().catch((error: unknown) => logger.warn({ err: error }, 'sweep failed; the next one goes on'));
  }, SWEEP_EVERY_MS);
  timer.unref();
  return {
    sweep,
    async stop() {
      clearInterval(timer);
      await running?.catch(() => undefined);
    },
  };
}
