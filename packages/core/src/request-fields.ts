/**
 * The fields of each request body of CredHub's API. The use cases read requests with them, and `@credplex/contract`
 * derives its schemas and OpenAPI documents from them.
 */
import { createVersionFields } from './certificates/create-version.ts';
import { regenerateCertificateFields } from './certificates/regenerate.ts';
import { transitionalFields } from './certificates/transitional.ts';
import { bulkRegenerateFields } from './credentials/bulk-regenerate.ts';
import { regenerateByDataFields, regenerateFields } from './credentials/regenerate.ts';
import { entryFields, patchFields, v1Fields } from './permissions/entry.ts';
import { flag } from './types/fields.ts';

export { generateFields, setFields } from './credentials/body-fields.ts';
export { regenerateByDataFields };

/** Fields by route id. Those of set and generate depend on type and level; see {@link setFields}. */
export const REQUEST_FIELDS = {
  setManagement: { read_only_mode: flag({ required: true }) },
  regenerateCredential: regenerateFields,
  bulkRegenerate: bulkRegenerateFields,
  createCertificateVersion: createVersionFields,
  regenerateCertificate: regenerateCertificateFields,
  updateTransitionalVersion: transitionalFields,
  addPermissionsV1: v1Fields,
  createPermission: entryFields,
  putPermission: entryFields,
  patchPermission: patchFields,
};
