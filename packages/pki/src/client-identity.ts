import { readCertificate } from './certificate.ts';
import { readPurposes } from './extensions.ts';
import { EXTENDED_KEY_USAGE_OIDS, OID } from './oids.ts';
import { readName } from './x500-name.ts';

/**
 * The application that a client certificate names (docs/reference/credhub-server.md#client-certificates). The TLS
 * handshake has checked trust and dates before.
 */
export type ClientIdentity =
  | { kind: 'app'; actor: `mtls-app:${string}`; guid: string }
  /** No organisational unit of the pattern, or an unreadable certificate. */
  | { kind: 'invalid_identity' }
  /** The extended key usage does not hold clientAuth, or is missing. */
  | { kind: 'no_client_auth' };

/** A random (version 4) UUID in lower case, as Cloud Foundry gives to applications. */
const APP = /^app:([a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[a-f0-9]{4}-[a-f0-9]{12})$/;

/**
 * Any organisational unit of the pattern counts, wherever it stands: Cloud Foundry's instance certificates carry
 * organization and space beside the app, often in one relative distinguished name. CredHub looks at the first only
 * (docs/reference/divergences.md). The identity is judged before the key usage, so that the answers come in CredHub's
 * order.
 *
 * @param certificate DER, or what holds it as `raw` (X509Certificate, a socket's peer certificate)
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
