/** Dependencies of the Plexsphere use cases. */
import type { ReadAudit } from '../ports/audit.ts';
import type { Clock, Entropy } from '../ports/clock.ts';
import type { Intents } from '../ports/intents.ts';
import type { PlexsphereRecords } from '../ports/plexsphere.ts';
import type { SecretVault } from '../ports/vault.ts';

export interface BrokerDeps {
  readonly records: PlexsphereRecords;
  readonly intents: Intents;
  readonly vault: SecretVault;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly readAudit: ReadAudit;
  /** HMAC key of cursors, see {@link loadCursorKey}. */
  readonly cursorKey: Uint8Array;
  /**
   * Lifetime of a cloud credential in seconds; the request has no field for it
   * (docs/reference/plexsphere-v1.md#lifetime).
   */
  readonly credentialTtlSeconds: number;
  /** Whether a `user:<uuid>` or `service:<uuid>` still exists. The tokens of a deleted owner are rejected. */
  readonly ownerExists: (owner: string) => Promise<boolean>;
}

/** 90 days, as in the published sample of a rotation (docs/reference/plexsphere-v1.md#lifetime). */
export const DEFAULT_CREDENTIAL_TTL_SECONDS = 90 * 86_400;
