import type { Caller } from '../caller.ts';
import type { CredentialDeps, CredentialView } from '../credentials/service.ts';
import { toolsOf } from '../credentials/tools.ts';
import { CredError } from '../errors.ts';
import { objectOf, readFields } from '../json/read.ts';
import type { JsonNode } from '../json/tree.ts';
import { certificateType } from '../types/certificate.ts';
import {
  checkCertificateInput,
  missingCertificate,
  readCertificateValue,
  versionContent,
} from '../types/certificate-set.ts';
import { flag } from '../types/fields.ts';
import { addVersion, checkTransitional } from './add-version.ts';

export const createVersionFields = {
  value: {
    read: (node: JsonNode) => (node === null ? undefined : readCertificateValue(node)),
    shape: {
      ...certificateType.value,
      required: true,
      refusals: { missing: 'missing_value', null: 'missing_value' },
    } as const,
  },
  transitional: flag(),
};

/** POST /api/v1/certificates/{id}/versions: checks the value as set does. `ca_name` is stored without a lookup. */
export async function createVersion(
  deps: CredentialDeps,
  caller: Caller,
  credentialId: string,
  body: JsonNode,
): Promise<CredentialView> {
  const read = readFields(objectOf(body), createVersionFields);
  if (read.value === undefined) throw new CredError('missing_value');
  const tools = toolsOf(deps);
  const input = checkCertificateInput(read.value, tools);
  const transitional = read.transitional ?? false;
  return addVersion(deps, caller, {
    credentialId,
    transitional,
    metadata: null,
    action: 'SET',
    signerOnly: true,
    make: async (view) => {
      checkTransitional(transitional, view);
      const fault = missingCertificate(input, tools);
      if (fault) throw fault;
      return versionContent(input, transitional);
    },
  });
}
