/** Periodic jobs of the broker: expire credentials and revoke their secrets. Safe to run on every replica. */

import { auditEvent, outboxEvent, SYSTEM_ACTOR } from '../rebac/events.ts';
import { type SweepReport, sweepRows } from '../sweep-rows.ts';
import { revokeInVault } from './cloud-credentials.ts';
import type { BrokerDeps } from './deps.ts';

/** Rows per batch. */
const BATCH = 50;

interface SweepOptions {
  readonly requestId: string;
  readonly signal?: AbortSignal | undefined;
}

/** Marks credentials as expired and emits one event each. @throws CredError `unavailable` */
export function sweepExpired(deps: BrokerDeps, { requestId, signal }: SweepOptions): Promise<SweepReport> {
  const caller = { actor: SYSTEM_ACTOR, requestId };
  const at = deps.clock.now();
  let after = 0;
  return sweepRows({
    limit: BATCH,
    signal,
    async claim(limit) {
      const due = await deps.records.dueCloudCredentials({ at, limit, after });
      after = due.at(-1)?.seq ?? after;
      return due;
    },
    async act({ id }) {
      await deps.records.expireCloudCredential({
        id,
        at,
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
    },
  });
}

/** Soft-deletes the secrets of revoked and expired rows in the vault. @throws CredError `unavailable` */
export function sweepVaultRevocations(
  deps: BrokerDeps,
  { signal }: Pick<SweepOptions, 'signal'> = {},
): Promise<SweepReport> {
  return sweepRows({
    limit: BATCH,
    signal,
    claim: (limit) => deps.records.claimVaultRevocations({ limit, at: deps.clock.now() }),
    act: (row) => revokeInVault(deps, [row]),
  });
}
