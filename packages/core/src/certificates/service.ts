import type { Caller } from '../caller.ts';
import type { CredentialView } from '../credentials/service.ts';
import type { JsonNode } from '../json/tree.ts';
import type { ListedCertificate } from '../ports/records.ts';

/**
 * The operations on certificates (docs/reference/credhub-server.md#certificates-endpoints). Ids are credential ids;
 * `body` is undefined where the request had none.
 */
export interface Certificates {
  list(caller: Caller, name?: string): Promise<ListedCertificate[]>;
  versions(caller: Caller, credentialId: string, current: boolean): Promise<CredentialView[]>;
  regenerate(caller: Caller, credentialId: string, body: JsonNode | undefined): Promise<CredentialView>;
  createVersion(caller: Caller, credentialId: string, body: JsonNode): Promise<CredentialView>;
  updateTransitionalVersion(caller: Caller, credentialId: string, body: JsonNode): Promise<CredentialView[]>;
  deleteVersion(caller: Caller, credentialId: string, versionId: string): Promise<CredentialView>;
}
