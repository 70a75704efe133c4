import { accessOf, auditOf, type Caller } from '../caller.ts';
import { openViews, SIGNER_ONLY } from '../credentials/open.ts';
import type { CredentialDeps, CredentialView } from '../credentials/service.ts';
import { CredError } from '../errors.ts';
import { readUuid } from '../identifiers/uuid.ts';
import { objectOf, readFields } from '../json/read.ts';
import type { JsonNode } from '../json/tree.ts';
import type { ListedCertificate } from '../ports/records.ts';
import { text } from '../types/fields.ts';
import { type WritableCertificate, writableCertificate } from './add-version.ts';
import { abandonWrites, childAudit, childWrites, copiesChildrenOf } from './children.ts';
import { listedVersions } from './read.ts';

const ATTEMPTS = 20;
/**
 * Write permission was checked before, and is enough to see the versions (docs/reference/credhub-server.md#refusals).
 */
const UNCHECKED = { actor: null };

type Version = ListedCertificate['versions'][number];

export const transitionalFields = { version: text({ description: 'The id of a version, `latest`, or null for none' }) };

/**
 * PUT /api/v1/certificates/{id}/update_transitional_version: the mark is moved to a version, to the newest, or to none.
 */
export async function updateTransitionalVersion(
  deps: CredentialDeps,
  caller: Caller,
  credentialId: string,
  body: JsonNode,
): Promise<CredentialView[]> {
  const requestedVersion = readFields(objectOf(body), transitionalFields).version ?? null;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const view = await writableCertificate(deps, caller, credentialId);
    if (await moveTransitionalMark(deps, caller, view, requestedVersion)) {
      const query = { access: UNCHECKED, credentialId: view.credential.id, current: true };
      return openViews({ ...deps, ...SIGNER_ONLY }, (await deps.records.certificateVersions(query)) ?? []);
    }
  }
  throw new CredError('unavailable');
}

async function moveTransitionalMark(
  deps: CredentialDeps,
  caller: Caller,
  { credential }: WritableCertificate,
  requestedVersion: string | null,
): Promise<boolean> {
  const { id: credentialId, name, seq: expectSeq } = credential;
  const versions = await listedVersions(deps, credential);
  const marked = await findVersion(deps, versions, requestedVersion);
  const writes = await childWrites(deps, name, {
    active: versions.find((version) => version !== marked)?.certificate?.certificate ?? null,
    transitional: marked?.certificate?.certificate ?? null,
  });
  const versionId = marked?.id ?? null;
  const action = 'UPDATE_TRANSITIONAL_VERSION';
  const result = await deps.records.changeCertificates({
    access: accessOf(deps, caller),
    needWrite: [name],
    transitional: { credentialId, expectSeq, versionId },
    copiesChildrenOf: copiesChildrenOf(deps, name),
    writes,
    audit: [
      auditOf(deps, caller, { action, resource: name, versionId, details: { version: requestedVersion } }),
      ...childAudit(deps, caller, writes, { action, ca: name }),
    ],
  });
  if (result.outcome === 'written') return true;
  await abandonWrites(deps, writes);
  if (result.outcome === 'denied') throw new CredError('credential_not_writable');
  return false;
}

/**
 * Returns the requested version. CredHub answers 500 for an unknown id (docs/reference/divergences.md#certificates).
 */
async function findVersion(
  deps: CredentialDeps,
  versions: readonly Version[],
  wanted: string | null,
): Promise<Version | undefined> {
  if (wanted === null) return undefined;
  if (wanted === 'latest') return versions[0];
  const id = readUuid(wanted);
  const own = versions.find((version) => version.id === id);
  if (own) return own;
  const elsewhere = id === undefined ? undefined : await deps.records.readById({ access: UNCHECKED, id });
  throw new CredError(elsewhere ? 'mismatched_credential_and_version' : 'credential_not_found');
}
