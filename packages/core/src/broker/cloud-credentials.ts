/**
 * Cloud credentials: secrets that belong to a cloud (docs/reference/plexsphere-v1.md#cloud-credentials). A payload is
 * write-only: no use case in this file reads it back.
 */
import type { Caller } from '../caller.ts';
import { CredError } from '../errors.ts';
import { uuidV7 } from '../identifiers/uuid-v7.ts';
import type { CloudCredentialRow } from '../ports/plexsphere.ts';
import type { SecretRef } from '../ports/vault.ts';
import { auditEvent, outboxEvent } from '../rebac/events.ts';
import { requireRelation } from '../rebac/gate.ts';
import type { Secret } from '../secret.ts';
import { sealAndWrite } from '../vault-write.ts';
import { isBlank } from './blank.ts';
import type { BrokerDeps } from './deps.ts';
import { type PageOf, type PageRequest, readPage } from './page.ts';

export type CloudCredentialStatus = 'active' | 'expired' | 'revoked';

/** Returns the status at `now`. It is derived on every read, so an expired credential never waits for the sweeper. */
export function credentialStatus(
  row: Pick<CloudCredentialRow, 'revokedAt' | 'expiredAt' | 'expiresAt'>,
  now: Date,
): CloudCredentialStatus {
  if (row.revokedAt !== null) return 'revoked';
  return row.expiredAt !== null || row.expiresAt <= now ? 'expired' : 'active';
}

/** Returns where the vault stores the payload of a cloud credential. */
export function credentialRef(row: { readonly id: string; readonly cloudId: string }): SecretRef {
  return {
    purpose: 'cloud_credential',
    id: row.id,
    path: `clouds/${row.cloudId}/credentials/${row.id}`,
  };
}

function object(id: string) {
  return { type: 'cloudcredential', id };
}

function cloudOf(id: string) {
  return { type: 'cloud', id };
}

/**
 * Checks `manage` on the cloud. Called before the request body is read. An unknown cloud has no relations, so every
 * caller is denied.
 */
export function authoriseIssue(deps: BrokerDeps, caller: Caller, cloudId: string): Promise<void> {
  return requireRelation(deps, caller, {
    relation: 'manage',
    resource: cloudOf(cloudId),
    action: 'cloud_credential.issue',
  });
}

export interface CredentialDraft {
  readonly displayName: string;
  /** Base64, stored exactly as received. */
  readonly payload: Secret;
  /** Stored in the same document as `payload`, so the key `payload` is not allowed. */
  readonly keyValues: ReadonlyMap<string, Secret>;
}

/**
 * Seals the payload, then writes row, event and audit line in one transaction. Call {@link authoriseIssue} first.
 * @throws CredError `invalid_display_name`, `invalid_payload`, `vault_unavailable`
 */
export async function issueCloudCredential(
  deps: BrokerDeps,
  caller: Caller,
  cloudId: string,
  draft: CredentialDraft,
): Promise<CloudCredentialRow> {
  if (isBlank(draft.displayName)) throw new CredError('invalid_display_name');
  if (draft.payload.reveal() === '') throw new CredError('invalid_payload');
  const now = deps.clock.now();
  const id = uuidV7(deps.clock, deps.entropy);
  const row = {
    id,
    cloudId,
    displayName: draft.displayName.trim(),
    version: 1,
    expiresAt: new Date(now.getTime() + deps.credentialTtlSeconds * 1000),
    revokedAt: null,
    expiredAt: null,
    createdAt: now,
    updatedAt: now,
  };
  const document = Object.fromEntries<Secret>([...draft.keyValues, ['payload', draft.payload]]);
  const event = outboxEvent(deps, caller, 'CloudCredentialIssued', {
    cloud_credential_id: id,
    cloud_id: cloudId,
    version: row.version,
    expires_at: row.expiresAt.toISOString(),
  });
  const audit = auditEvent(deps, caller, 'cloud_credential.issue', object(id), { cloud_id: cloudId });
  return sealAndWrite(deps, credentialRef(row), document, (sealed, intent) =>
    deps.records.insertCloudCredential({ row, sealed, intent, event, audit }),
  );
}

/** Lists the credentials of a cloud by creation. @throws PermissionDenied, also for an unknown cloud */
export async function listCloudCredentials(
  deps: BrokerDeps,
  caller: Caller,
  cloudId: string,
  page: PageRequest,
): Promise<PageOf<CloudCredentialRow>> {
  const action = 'cloud_credential.list';
  await requireRelation(deps, caller, { relation: 'observe', resource: cloudOf(cloudId), action });
  // All rows belong to this cloud, so the check above covers each of them.
  const result = await readPage(
    deps,
    { ...page, list: `cloud-credentials/${cloudId}`, actor: caller.actor },
    (limit, after) =>
      deps.records.listCloudCredentials({ cloudId, limit, after: after === undefined ? undefined : Number(after) }),
    (row) => String(row.seq),
  );
  await deps.readAudit.append(auditEvent(deps, caller, action, cloudOf(cloudId), { items: result.items.length }));
  return result;
}

/**
 * Reads a row, then checks the caller's relation to its cloud.
 * @throws CredError `cloud_credential_not_found`; PermissionDenied
 */
async function rowFor(deps: BrokerDeps, caller: Caller, id: string, relation: string, action: string) {
  const row = await deps.records.cloudCredential(id);
  if (row === undefined) throw new CredError('cloud_credential_not_found');
  await requireRelation(deps, caller, { relation, resource: cloudOf(row.cloudId), action });
  return row;
}

/** Returns the metadata of a credential. @throws CredError `cloud_credential_not_found`; PermissionDenied */
export async function getCloudCredential(deps: BrokerDeps, caller: Caller, id: string): Promise<CloudCredentialRow> {
  const row = await rowFor(deps, caller, id, 'observe', 'cloud_credential.read');
  await deps.readAudit.append(auditEvent(deps, caller, 'cloud_credential.read', object(id), { cloud_id: row.cloudId }));
  return row;
}

/**
 * Checks `manage` on the credential's cloud. Called before the request body is read.
 * @throws CredError `cloud_credential_not_found`; PermissionDenied
 */
export async function authoriseRevoke(deps: BrokerDeps, caller: Caller, id: string): Promise<void> {
  await rowFor(deps, caller, id, 'manage', 'cloud_credential.revoke');
}

/**
 * Revokes a credential: first the row, so that the credential is invalid at once, then the secret in the vault.
 * Idempotent: a second call changes no metadata and emits no event. It retries the vault if that failed before, as the
 * sweeper does.
 * @throws CredError `invalid_revoke_reason`, `cloud_credential_not_found`, `vault_unavailable` when the row is revoked
 * but the vault still holds the secret
 */
export async function revokeCloudCredential(
  deps: BrokerDeps,
  caller: Caller,
  id: string,
  reason: string,
): Promise<CloudCredentialRow> {
  if (isBlank(reason) || [...reason].length > 1024) throw new CredError('invalid_revoke_reason');
  const result = await deps.records.revokeCloudCredential({
    id,
    at: deps.clock.now(),
    event: (row) =>
      outboxEvent(deps, caller, 'CloudCredentialRevoked', {
        cloud_credential_id: id,
        cloud_id: row.cloudId,
        version: row.version,
        reason,
      }),
    audit: (row) => auditEvent(deps, caller, 'cloud_credential.revoke', object(id), { cloud_id: row.cloudId, reason }),
  });
  if (result === undefined) throw new CredError('cloud_credential_not_found');
  await revokeInVault(deps, await deps.records.pendingVaultRevocations({ id, limit: 1 }));
  return result.row;
}

/** After this many attempts the sweeper takes over. */
const REVOCATION_ATTEMPTS = 3;

/** Soft-deletes secrets in the vault and marks their rows. */
export async function revokeInVault(
  deps: Pick<BrokerDeps, 'vault' | 'records' | 'clock'>,
  pending: Awaited<ReturnType<BrokerDeps['records']['pendingVaultRevocations']>>,
): Promise<void> {
  for (const first of pending) {
    let credential: typeof first | undefined = first;
    // A key rotation may re-seal the secret meanwhile. Then the new sealed value must be revoked as well.
    for (let attempt = 0; credential !== undefined && attempt < REVOCATION_ATTEMPTS; attempt += 1) {
      await deps.vault.revoke(credentialRef(credential), credential.sealed);
      if (await deps.records.vaultRevoked(credential, deps.clock.now())) break;
      [credential] = await deps.records.pendingVaultRevocations({ id: first.id, limit: 1 });
    }
  }
}
