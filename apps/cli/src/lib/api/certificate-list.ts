import { field, isList, listField, textField, type Value } from '../format/json-tree.ts';
import type { Api } from './api.ts';

/** A certificate as the server lists it. */
export interface Certificate {
  readonly id: string;
  readonly name: string;
  /** Name of the stored CA that signed it; its own when it signed itself; empty when nobody here did. */
  readonly signedBy: string;
  /** Names of what it signed. */
  readonly signs: readonly string[];
  /** Newest first. */
  readonly versions: readonly CertificateVersion[];
}

export interface CertificateVersion {
  readonly id: string;
  /** RFC 3339; undefined where an old server does not say. */
  readonly expiryDate: string | undefined;
  readonly transitional: boolean;
  readonly isCa: boolean;
  readonly selfSigned: boolean;
}

/** All certificates that the login may read, or the one of a name (then a ServerFailure when there is none). */
export async function listCertificates(api: Api, name?: string): Promise<readonly Certificate[]> {
  const answer = await api.call({ method: 'GET', path: '/api/v1/certificates/', query: { name } });
  return listField(answer, 'certificates').map((item) => ({
    id: textField(item, 'id') ?? '',
    name: textField(item, 'name') ?? '',
    signedBy: textField(item, 'signed_by') ?? '',
    signs: listField(item, 'signs').filter((signed) => typeof signed === 'string'),
    versions: listField(item, 'versions').map(versionOf),
  }));
}

function versionOf(item: Value): CertificateVersion {
  return {
    id: textField(item, 'id') ?? '',
    expiryDate: textField(item, 'expiry_date'),
    transitional: field(item, 'transitional') === true,
    isCa: field(item, 'certificate_authority') === true,
    selfSigned: field(item, 'self_signed') === true,
  };
}

/** The version that signs and is handed out: the newest that is not transitional. */
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
  const query = { current: 'true', name };
  const answer = field(await api.call({ method: 'GET', path: '/api/v1/data', query }), 'data');
  const [active = '', other] = (isList(answer) ? answer : []).map(
    (version) => textField(field(version, 'value'), 'certificate') ?? '',
  );
  return other === undefined ? { active } : { active, other };
}
