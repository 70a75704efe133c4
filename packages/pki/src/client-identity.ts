import { readCertificate } from './certificate.ts';
import { readPurposes } from './extensions.ts';
import { EXTENDED_KEY_USAGE_OIDS, OID } from './oids.ts';
import { readName } from './x500-name.ts';

/**
 * The application that a client certificate identifies (docs/reference/credhub-server.md#client-certificates). Trust
 * and dates are checked by the TLS handshake.
 */
export type ClientIdentity =
  | { kind: 'app'; actor: `mtls-app:${string}`; guid: string }
  /** No organizational unit matches the pattern, or the certificate is unreadable. */
  | { kind: 'invalid_identity' }
  /** The extended key usage is missing or does not include clientAuth. */
  | { kind: 'no_client_auth' };

/** A random (version 4) UUID in lower case, the GUID of a Cloud Foundry application. */
const APP = /^app:([a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[a-f0-9]{4}-[a-f0-9]{12})$/;

/**
 * Returns the identity of a client certificate. Every organizational unit is considered, because Cloud Foundry's
 * instance certificates also contain organization and space, often in the same relative distinguished name. CredHub
 * considers only the first one (docs/reference/divergences.md). The identity is checked before the key usage, as in
 * CredHub.
 *
 * @param certificate DER, or an object with DER as `raw` (X509Certificate, the peer certificate of a socket)
 */
export function clientIdentity(certificate: Uint8Array | { readonly raw: Uint8Array }): ClientIdentity {
  try {
    const { subject, extensions } = readCertificate(certificate instanceof Uint8Array ? certificate : certificate.raw);
    const guid = readName(subject)
      .flat()
      .filter(({ oid }) => oid === OID.organizationUnit)
      .map(({ text }) => APP.exec(text ?? '')?.[1])
      .find((match) => match !== undefined);
    if (guid === undefined) return { kind: 'invalid_identity' };
    const usage = extensions.get(OID.extendedKeyUsage);
    if (!usage || !readPurposes(usage).includes(EXTENDED_KEY_USAGE_OIDS.client_auth)) return { kind: 'no_client_auth' };
    return { kind: 'app', actor: `mtls-app:${guid}`, guid };
  } catch {
    return { kind: 'invalid_identity' };
  }
}
