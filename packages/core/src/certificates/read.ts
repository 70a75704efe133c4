import { accessOf, auditOf } from '../credentials/context.ts';
import { destroyVersions } from '../credentials/delete.ts';
import { isStorable, withSlash } from '../credentials/name.ts';
import { openValue, openViews, viewOf } from '../credentials/open.ts';
import type { Caller, CredentialDeps, CredentialView } from '../credentials/service.ts';
import { readUuid } from '../credentials/uuid.ts';
import { CredError } from '../errors.ts';
import type { ListedCertificate } from '../ports/records.ts';

export async function listCertificates(
  deps: CredentialDeps,
  caller: Caller,
  given: string | undefined,
): Promise<ListedCertificate[]> {
  const name = given === undefined ? undefined : withSlash(given);
  const certificates =
    name === undefined
      ? await deps.records.listCertificates({ access: accessOf(deps, caller), name })
      : await certificatesOf(deps, caller, name);
  if (name !== undefined && certificates.length === 0) throw new CredError('credential_not_found');
  const action = name === undefined ? 'GET_ALL_CERTIFICATES' : 'GET_CERTIFICATE';
  await deps.readAudit.append(auditOf(deps, caller, { action, resource: name ?? null }));
  return certificates;
}

/** Permission is looked up under the spelling of the request, as for `GET /api/v1/data?name=`; the name is found in any. */
async function certificatesOf(deps: CredentialDeps, caller: Caller, name: string): Promise<ListedCertificate[]> {
  const { actor } = accessOf(deps, caller);
  const mayRead =
    isStorable(name) && (actor === null || (await deps.permissions.held({ actor, path: name })).has('read'));
  return mayRead ? deps.records.listCertificates({ access: { actor: null }, name }) : [];
}

export async function certificateVersions(
  deps: CredentialDeps,
  caller: Caller,
  given: string,
  current: boolean,
): Promise<CredentialView[]> {
  const credentialId = readUuid(given);
  const query = credentialId && { access: accessOf(deps, caller), credentialId, current };
  const rows = query ? await deps.records.certificateVersions(query) : undefined;
  const [newest] = rows ?? [];
  if (!rows || !newest) throw new CredError('credential_not_found');
  const views = await openViews(deps.vault, rows);
  const event = { action: 'GET', resource: newest.name, versionId: newest.id };
  await deps.readAudit.append(auditOf(deps, caller, event));
  return views;
}

/** Resolves to what was deleted, secret included. */
export async function deleteVersion(
  deps: CredentialDeps,
  caller: Caller,
  ids: { credentialId: string; versionId: string },
): Promise<CredentialView> {
  const credentialId = readUuid(ids.credentialId);
  const versionId = readUuid(ids.versionId);
  if (!credentialId || !versionId) throw new CredError('credential_not_found');
  // Opened first: afterwards a remote vault may have lost it already.
  const row = await deps.records.readById({ access: { actor: null }, id: versionId });
  if (row?.credentialId !== credentialId) throw new CredError('credential_not_found');
  const value = await openValue(deps.vault, row);
  const audit = auditOf(deps, caller, { action: 'DELETE', resource: row.name, versionId });
  const access = accessOf(deps, caller);
  const result = await deps.records.deleteCertificateVersion({ access, credentialId, versionId, audit });
  if (result.outcome !== 'deleted') {
    throw new CredError(result.outcome === 'last' ? 'cannot_delete_last_version' : 'credential_not_found');
  }
  await destroyVersions(deps, [versionId]);
  return viewOf(result.row, value);
}
