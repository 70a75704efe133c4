import { toolsOf } from '../credentials/context.ts';
import { anyField } from '../credentials/request.ts';
import type { Caller, CredentialDeps, CredentialView } from '../credentials/service.ts';
import { CredError } from '../errors.ts';
import { booleanOf, objectOf, readFields } from '../json/read.ts';
import type { JsonNode } from '../json/tree.ts';
import { madeVersion, readGivenCertificate } from '../types/certificate-set.ts';
import { addVersion } from './add-version.ts';

const fields = { value: anyField, transitional: { read: booleanOf } };

/** POST /api/v1/certificates/{id}/versions: the rules of set; `ca_name` is remembered and not looked up. */
export async function createVersion(
  deps: CredentialDeps,
  caller: Caller,
  credentialId: string,
  body: JsonNode,
): Promise<CredentialView> {
  const read = readFields(objectOf(body), fields);
  if (read.value === undefined || read.value === null) throw new CredError('missing_value');
  const given = readGivenCertificate(read.value, toolsOf(deps));
  const transitional = read.transitional ?? false;
  const made = madeVersion(given, transitional);
  return addVersion(deps, caller, {
    credentialId,
    transitional,
    metadata: null,
    action: 'SET',
    signerOnly: true,
    make: async () => made,
  });
}
