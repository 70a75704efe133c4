import { retryWhenDeleted } from '../credentials/deleted-meanwhile.ts';
import type { CredentialDeps } from '../credentials/service.ts';
import { createVersion } from './create-version.ts';
import { deleteVersion } from './delete-version.ts';
import { certificateVersions, listCertificates } from './read.ts';
import { regenerateCertificate } from './regenerate.ts';
import type { Certificates } from './service.ts';
import { updateTransitionalVersion } from './transitional.ts';

/** Creates the use cases of CredHub's certificates endpoints. */
export function createCertificates(deps: CredentialDeps): Certificates {
  return {
    list: (caller, name) => listCertificates(deps, caller, name),
    versions: (caller, id, current) => retryWhenDeleted(() => certificateVersions(deps, caller, id, current)),
    regenerate: (caller, id, body) => retryWhenDeleted(() => regenerateCertificate(deps, caller, id, body)),
    createVersion: (caller, id, body) => retryWhenDeleted(() => createVersion(deps, caller, id, body)),
    updateTransitionalVersion: (caller, id, body) =>
      retryWhenDeleted(() => updateTransitionalVersion(deps, caller, id, body)),
    deleteVersion: (caller, credentialId, versionId) =>
      retryWhenDeleted(() => deleteVersion(deps, caller, { credentialId, versionId })),
  };
}
