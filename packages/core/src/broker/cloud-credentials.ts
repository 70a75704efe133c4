/**
 * Cloud credentials: secrets that a cloud owns (docs/reference/plexsphere-v1.md#cloud-credentials). Secret bytes come
 * in once and are never read back by any use case here.
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

/** Derived on every read, never stored: an expired credential shows it at once, sweeper or not. */
export function credentialStatus(
  row: Pick<CloudCredentialRow, 'revokedAt' | 'expiredAt' | 'expiresAt'>,
  now: Date,
): CloudCredentialStatus {
  if (row.revokedAt !== null) return 'revoked';
  return row.expiredAt !== null || row.expiresAt <= now ? 'expired' : 'active';
}

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

/** Before the body is read. An unknown cloud has no relations, so it is denied to everybody. */
export function authoriseIssue(deps: BrokerDeps, caller: Caller, cloudId: string): Promise<void> {
  return requireRelation(deps, caller, {
    relation: 'manage',
    resource: cloudOf(cloudId),
    action: 'cloud_credential.issue',
  });
}

export interface CredentialDraft {
  readonly displayName: string;
  /** Base64 as it was received; stored as it is. */
  readonly payload: Secret;
  /** Stored beside `payload`, which is therefore no key here. */
  readonly keyValues: ReadonlyMap<string, Secret>;
}

/**
 * Seals, then writes row, event and audit line at once; {@link authoriseIssue} has been asked.
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

/** @throws PermissionDenied: also for an unknown cloud */
export const listCloudCredentials = async (
  deps: BrokerDeps,
  caller: Caller,
  cloudId: string,
  page: PageRequest,
): Promise<PageOf<CloudCredentialRow>> => {
  const action = 'cloud_credential.list';
  await requireRelation(deps, caller, { relation: 'observe', resource: cloudOf(cloudId), action });
  // Every row hangs on this one cloud, so the gate has decided about each of them.
  const result = await readPage(
    deps,
    { ...page, list: `cloud-credentials/${cloudId}`, actor: caller.actor },
    (limit, after) =>
      deps.records.listCloudCredentials({ cloudId, limit, after: after === undefined ? undefined : Number(after) }),
    (row) => String(row.seq),
  );
  await deps.readAudit.append(auditEvent(deps, caller, action, cloudOf(cloudId), { items: result.items.length }));
  return result;
};

/** The row is read first, to learn its cloud. @throws CredError `cloud_credential_not_found`; PermissionDenied */
async function rowFor(deps: BrokerDeps, caller: Caller, id: string, relation: string, action: string) {
  const row = await deps.records.cloudCredential(id);
  if (row === undefined) throw new CredError('cloud_credential_not_found');
  await requireRelation(deps, caller, { relation, resource: cloudOf(row.cloudId), action });
  return row;
}

export async function getCloudCredential(deps: BrokerDeps, caller: Caller, id: string): Promise<CloudCredentialRow> {
  const row = await rowFor(deps, caller, id, 'observe', 'cloud_credential.read');
  await deps.readAudit.append(auditEvent(deps, caller, 'cloud_credential.read', object(id), { cloud_id: row.cloudId }));
  return row;
}

/** Before the body is read. @throws CredError `cloud_credential_not_found`; PermissionDenied */
export async function authoriseRevoke(deps: BrokerDeps, caller: Caller, id: string): Promise<void> {
  await rowFor(deps, caller, id, 'manage', 'cloud_credential.revoke');
}

/**
 * The row first, so that nobody uses the credential any more, then the secret in the vault. A second call changes no metadata
 * and emits no second event, but retries the vault if it was unavailable the first time (as the sweeper does).
 * @throws CredError `invalid_revoke_reason`, `cloud_credential_not_found`, `vault_unavailable`: revoked, secret still there
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

/** What is still pending then is left to the sweep. */
const REVOCATION_ATTEMPTS = 3;

/** Soft-deletes secrets in the vault and records that. */
export async function revokeInVault(
  deps: Pick<BrokerDeps, 'vault' | 'records' | 'clock'>,
  pending: Awaited<ReturnType<BrokerDeps['records']['pendingVaultRevocations']>>,
): Promise<void> {
  for (const first of pending) {
    let credential: typeof first | undefined = first;
    // A key rotation may move the secret while it is being revoked: then its new place is revoked as well.
    for (let attempt = 0; credential !== undefined && attempt < REVOCATION_ATTEMPTS; attempt += 1) {
      await deps.vault.revoke(credentialRef(credential), credential.sealed);
      if (await deps.records.vaultRevoked(credential, deps.clock.now())) break;
      [credential] = await deps.records.pendingVaultRevocations({ id: first.id, limit: 1 });
    }
  }
}
