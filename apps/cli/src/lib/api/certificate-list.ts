import type { CredhubRoutes } from '@credplex/contract';
import type { AnswerBody } from '@credplex/contract/client';
import { type Document, documentOf, fieldOf, listOf, textOf } from '../format/document.ts';
import type { Api } from './api.ts';

type ListedVersion = AnswerBody<CredhubRoutes, 'GET /api/v1/certificates'>['certificates'][number]['versions'][number];
type CertificateValue = AnswerBody<CredhubRoutes, 'GET /api/v1/certificates/{id}/versions'>[number]['value'];

/** A certificate as the server lists it. */
export interface Certificate {
  readonly id: string;
  readonly name: string;
  /** Name of the stored CA that signed it; its own name if self-signed; empty if the CA is not stored. */
  readonly signedBy: string;
  /** Names of the certificates that it signed. */
  readonly signs: readonly string[];
  /** Newest first. */
  readonly versions: readonly CertificateVersion[];
}

export interface CertificateVersion {
  readonly id: string;
  /** RFC 3339; undefined if an old server does not return it. */
  readonly expiryDate: string | undefined;
  readonly transitional: boolean;
  readonly isCa: boolean;
  readonly selfSigned: boolean;
}

/** Lists all readable certificates, or the certificate with a name. @throws ServerFailure if the name does not exist */
export async function listCertificates(api: Api, name?: string): Promise<readonly Certificate[]> {
  const answer = await api.call('GET /api/v1/certificates/', { query: name === undefined ? {} : { name } });
  return listOf(answer, 'certificates').map((item) => ({
    id: textOf(item, 'id') ?? '',
    name: textOf(item, 'name') ?? '',
    signedBy: textOf(item, 'signed_by') ?? '',
    signs: listOf(item, 'signs').filter((signed) => typeof signed === 'string'),
    versions: listOf(item, 'versions').map(versionOf),
  }));
}

function versionOf(item: Document<ListedVersion>): CertificateVersion {
  return {
    id: textOf(item, 'id') ?? '',
    expiryDate: textOf(item, 'expiry_date'),
    transitional: fieldOf(item, 'transitional') === true,
    isCa: fieldOf(item, 'certificate_authority') === true,
    selfSigned: fieldOf(item, 'self_signed') === true,
  };
}

/** Returns the active version, the newest that is not transitional. It signs and is returned by get. */
export function activeVersion(certificate: Certificate): CertificateVersion | undefined {
  return certificate.versions.find(({ transitional }) => !transitional);
}

export function transitionalVersion(certificate: Certificate): CertificateVersion | undefined {
  return certificate.versions.find(({ transitional }) => transitional);
}

/** The PEM of a certificate's active version, and of its transitional one where there is one. */
export async function currentPems(
  api: Api,
  name: string,
): Promise<{ readonly active: string; readonly other?: string }> {
  const answer = await api.call('GET /api/v1/data', { query: { current: true, name } });
  const [active = '', other] = listOf(answer, 'data').map(
    (version) => textOf(documentOf<CertificateValue>(fieldOf(version, 'value') ?? null), 'certificate') ?? '',
  );
  return other === undefined ? { active } : { active, other };
}
