import { accessOf, auditOf, type Caller } from '../caller.ts';
import { openViews } from '../credentials/open.ts';
import type { CredentialDeps, CredentialView } from '../credentials/service.ts';
import { CredError } from '../errors.ts';
import { isStorable, withSlash } from '../identifiers/name.ts';
import { readUuid } from '../identifiers/uuid.ts';
import type { ListedCertificate } from '../ports/records.ts';

export async function listCertificates(
  deps: CredentialDeps,
  caller: Caller,
  requestedName: string | undefined,
): Promise<ListedCertificate[]> {
  const name = requestedName === undefined ? undefined : withSlash(requestedName);
  const certificates =
    name === undefined
      ? await deps.records.listCertificates({ access: accessOf(deps, caller), name })
      : await certificatesOf(deps, caller, name);
  if (name !== undefined && certificates.length === 0) throw new CredError('credential_not_found');
  const action = name === undefined ? 'GET_ALL_CERTIFICATES' : 'GET_CERTIFICATE';
  await deps.readAudit.append(auditOf(deps, caller, { action, resource: name ?? null }));
  return certificates;
}

/**
 * Finds a certificate by name in any case. Permission is checked for the spelling of the request, as for
 * `GET /api/v1/data?name=`.
 */
async function certificatesOf(deps: CredentialDeps, caller: Caller, name: string): Promise<ListedCertificate[]> {
  const { actor } = accessOf(deps, caller);
  if (!isStorable(name)) return [];
  const found = await deps.records.listCertificates({ access: { actor: null }, name });
  // Permission is checked after the read: a permission revoked before the read must not expose what it returned.
  const mayRead = actor === null || (await deps.permissions.held({ actor, path: name })).has('read');
  return mayRead ? found : [];
}

export async function certificateVersions(
  deps: CredentialDeps,
  caller: Caller,
  id: string,
  current: boolean,
): Promise<CredentialView[]> {
  const credentialId = readUuid(id);
  const query = credentialId && { access: accessOf(deps, caller), credentialId, current };
  const rows = query ? await deps.records.certificateVersions(query) : undefined;
  const [newest] = rows ?? [];
  if (!rows || !newest) throw new CredError('credential_not_found');
  const views = await openViews(deps, rows);
  const event = { action: 'GET', resource: newest.name, versionId: newest.id };
  await deps.readAudit.append(auditOf(deps, caller, event));
  return views;
}

/** Returns the versions of a certificate, newest first and without secrets. It checks no permission. */
export async function listedVersions(
  deps: CredentialDeps,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<ListedCertificate['versions']> {
  const listed = await deps.records.listCertificates({ access: { actor: null }, name });
  return listed.find(({ credentialId }) => credentialId === id)?.versions ?? [];
}
