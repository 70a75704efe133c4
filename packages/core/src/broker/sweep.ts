/** What time does to the broker: credentials expire, and writes that died half-way are cleaned up. Safe on every replica. */

import { putOutOfUse } from './cloud-credentials.ts';
import type { BrokerDeps } from './deps.ts';
import { auditEvent, outboxEvent, SYSTEM_ACTOR } from './events.ts';

/** Rows per round, so that no transaction grows with the backlog. */
const BATCH = 100;

export interface SweepReport {
  readonly expired: number;
  readonly putOutOfUse: number;
}

/**
 * Stamps what has expired, with one event each, then soft-deletes secrets of revoked and expired rows that the vault still
 * holds.
 * @throws CredError `unavailable`, `vault_unavailable`: the next sweep goes on where this one stopped
 */
export const sweepCloudCredentials = async (deps: BrokerDeps, requestId: string): Promise<SweepReport> => {
  const caller = { actor: SYSTEM_ACTOR, requestId };
  const at = deps.clock.now();
  let expired = 0;
  for (let full = true; full; ) {
    const rows = await deps.records.expireCloudCredentials({
      at,
      limit: BATCH,
      event: (row) =>
        outboxEvent(deps, caller, 'CloudCredentialExpired', {
          cloud_credential_id: row.id,
          cloud_id: row.cloudId,
          version: row.version,
          expires_at: row.expiresAt.toISOString(),
        }),
      audit: (row) =>
        auditEvent(
          deps,
          caller,
          'cloud_credential.expire',
          { type: 'cloudcredential', id: row.id },
          { cloud_id: row.cloudId },
        ),
    });
    expired += rows.length;
    full = rows.length === BATCH;
  }
  let done = 0;
  for (let full = true; full; ) {
    const pending = await deps.records.pendingVaultRevocations({ limit: BATCH });
    await putOutOfUse(deps, pending);
    done += pending.length;
    full = pending.length === BATCH;
  }
  return { expired, putOutOfUse: done };
};
