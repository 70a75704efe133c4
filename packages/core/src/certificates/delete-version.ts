import { accessOf, auditOf, type Caller, isAllowed } from '../caller.ts';
import { destroyVersions } from '../credentials/delete.ts';
import { openValue, SIGNER_ONLY, viewOf } from '../credentials/open.ts';
import type { CredentialDeps, CredentialView } from '../credentials/service.ts';
import { CredError } from '../errors.ts';
import { readUuid } from '../identifiers/uuid.ts';
import type { AuditEvent } from '../ports/audit.ts';
import type { VersionRow, WriteView } from '../ports/records.ts';
import { abandonWrites, type ChildWrite, caPairOf, childAudit, childWrites, copiesChildrenOf } from './children.ts';
import { listedVersions } from './read.ts';

const ATTEMPTS = 20;
const ACTION = 'DELETE';

interface DeletionTarget {
  readonly credential: NonNullable<WriteView['credential']>;
  readonly row: VersionRow;
}

/**
 * Deletes one version and resolves to it, including its secret. If the version was transitional, the certificates that
 * the CA signed stop trusting it in the same transaction (docs/reference/ca-rotation.md#copies).
 *
 * @throws CredError `credential_not_found`, also without delete permission, `cannot_delete_last_version`
 */
export async function deleteVersion(
  deps: CredentialDeps,
  caller: Caller,
  ids: { credentialId: string; versionId: string },
): Promise<CredentialView> {
  const credentialId = readUuid(ids.credentialId);
  const versionId = readUuid(ids.versionId);
  if (!credentialId || !versionId) throw new CredError('credential_not_found');
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const target = await findTarget(deps, caller, credentialId, versionId);
    // Opened before the deletion, because a remote vault may destroy the value at any time afterwards.
    const value = await openValue(deps.vault, target.row);
    const deleted = await remove(deps, caller, target);
    if (deleted === undefined) continue;
    await destroyVersions(deps, [{ id: versionId, keyId: deleted.sealed.keyId }]);
    return viewOf(SIGNER_ONLY, deleted, value);
  }
  throw new CredError('unavailable');
}

async function findTarget(
  deps: CredentialDeps,
  caller: Caller,
  credentialId: string,
  versionId: string,
): Promise<DeletionTarget> {
  const access = accessOf(deps, caller);
  const view = await deps.records.viewCertificate({ access, credentialId });
  if (!view?.credential || !isAllowed(access, view.held, 'delete')) throw new CredError('credential_not_found');
  const row = await deps.records.readById({ access: { actor: null }, id: versionId });
  if (row?.credentialId !== credentialId) throw new CredError('credential_not_found');
  return { credential: view.credential, row };
}

/** Returns undefined, having changed nothing, when another writer changed the CA or one of its children meanwhile. */
async function remove(deps: CredentialDeps, caller: Caller, target: DeletionTarget): Promise<VersionRow | undefined> {
  const { credential, row } = target;
  const children = row.certificate?.transitional ? await childrenWithout(deps, target) : [];
  const audit: AuditEvent[] = [
    auditOf(deps, caller, { action: ACTION, resource: row.name, versionId: row.id }),
    ...childAudit(deps, caller, children, { action: ACTION, ca: row.name }),
  ];
  const result = await deps.records.deleteCertificateVersion({
    access: accessOf(deps, caller),
    credentialId: credential.id,
    versionId: row.id,
    expectSeq: credential.seq,
    copiesChildrenOf: row.certificate?.transitional ? copiesChildrenOf(deps, credential.name) : undefined,
    writes: children,
    audit,
  });
  if (result.outcome === 'deleted') return result.row;
  await abandonWrites(deps, children);
  if (result.outcome === 'changed') return undefined;
  throw new CredError(result.outcome === 'last' ? 'cannot_delete_last_version' : 'credential_not_found');
}

async function childrenWithout(deps: CredentialDeps, { credential, row }: DeletionTarget): Promise<ChildWrite[]> {
  const remaining = (await listedVersions(deps, credential)).filter(({ id }) => id !== row.id);
  if (remaining.length === 0) throw new CredError('cannot_delete_last_version');
  return childWrites(deps, credential.name, caPairOf(remaining));
}
