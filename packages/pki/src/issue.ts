import { createPublicKey, type KeyObject } from 'node:crypto';
import { type CertificateProfile, type Entropy, type IssueRequest, PkiError } from '@credplex/core';
import { encodeAlternativeNames } from './alternative-names.ts';
import { readCertificateText } from './certificate.ts';
import {
  bitString,
  boolean,
  type DerNode,
  encode,
  explicit,
  octetString,
  oid,
  rawDer,
  sequence,
  time,
  unsignedInteger,
} from './der-write.ts';
import {
  encodeAuthorityKeyIdentifier,
  encodeBasicConstraints,
  encodeExtendedKeyUsage,
  encodeKeyUsage,
  encodeSubjectKeyIdentifier,
  keyIdentifier,
  readSubjectKeyIdentifier,
} from './extensions.ts';
import { OID } from './oids.ts';
import { DAY_MS } from './parse.ts';
import { encodePem } from './pem.ts';
import { type SigningKey, signAsync, signingKey } from './signature.ts';
import { encodeSubject } from './x500-name.ts';

export interface IssueDeps {
  entropy: Pick<Entropy, 'bytes'>;
}

const V3 = Uint8Array.of(2);

/**
 * Returns a random 159-bit serial number, which is positive and has at most 20 octets (RFC 5280, 4.1.2.2;
 * docs/reference/credhub-server.md#what-is-issued).
 */
function serialNumber({ entropy }: IssueDeps): Uint8Array {
  const octets = Uint8Array.from(entropy.bytes(20));
  octets[0] = (octets[0] ?? 0) & 0x7f;
  return octets.every((octet) => octet === 0) ? Uint8Array.of(1) : octets;
}

/** The latest date of a certificate (RFC 5280, 4.1.2.5). A regenerate request can have any number of days. */
const LAST_DATE = Date.UTC(9999, 11, 31, 23, 59, 59);

function validity({ notBefore, durationDays }: IssueRequest): DerNode {
  const end = Math.min(notBefore.getTime() + Math.max(0, durationDays) * DAY_MS, LAST_DATE);
  return sequence(time(notBefore), time(new Date(end)));
}

interface Issuer {
  name: Uint8Array;
  /** `undefined`: the CA has no subject key identifier, so its leaves get no authority key identifier. */
  keyId: Uint8Array | undefined;
  /** `undefined`: OpenSSL cannot read the CA's key. */
  publicKey: KeyObject | undefined;
  key: SigningKey;
}

function caIssuer(certificate: string, key: SigningKey): Issuer {
  return readCertificateText(certificate, ({ certificate: { subject, extensions }, x509 }) => {
    const identifier = extensions.get(OID.subjectKeyIdentifier);
    return { name: subject, keyId: identifier && readSubjectKeyIdentifier(identifier), publicKey: x509.publicKey, key };
  });
}

function extension(type: string, critical: boolean, content: Uint8Array): DerNode {
  return sequence(oid(type), ...(critical ? [boolean(true)] : []), octetString(content));
}

/** Returns the extensions in CredHub's order (docs/reference/credhub-server.md#what-is-issued). */
function extensions(profile: CertificateProfile, ownKeyId: Uint8Array, issuerKeyId: Uint8Array | undefined): DerNode {
  const names =
    profile.alternativeNamesDer ?? (profile.alternativeNames && encodeAlternativeNames(profile.alternativeNames));
  const purposes =
    profile.extendedKeyUsageDer ?? (profile.extendedKeyUsage && encodeExtendedKeyUsage(profile.extendedKeyUsage));
  const list = [extension(OID.subjectKeyIdentifier, false, encodeSubjectKeyIdentifier(ownKeyId))];
  if (names) list.push(extension(OID.subjectAlternativeName, false, names));
  if (profile.keyUsage) list.push(extension(OID.keyUsage, true, encodeKeyUsage(profile.keyUsage)));
  if (purposes) list.push(extension(OID.extendedKeyUsage, false, purposes));
  if (issuerKeyId) list.push(extension(OID.authorityKeyIdentifier, false, encodeAuthorityKeyIdentifier(issuerKeyId)));
  list.push(extension(OID.basicConstraints, true, encodeBasicConstraints(profile.isCa)));
  return explicit(3, sequence(...list));
}

/** Implements {@link Pki.issue}. */
export async function issue(deps: IssueDeps, request: IssueRequest): Promise<string> {
  const { profile, signer } = request;
  const subject = profile.subjectDer ?? encodeSubject(profile.subject);
  const ownKey = createPublicKey(request.publicKey);
  const ownKeyInfo = ownKey.export({ type: 'spki', format: 'der' });
  const ownKeyId = keyIdentifier(ownKeyInfo);
  const key = signingKey(signer.self ? request.privateKey : signer.privateKey);
  const issuer: Issuer = signer.self
    ? { name: subject, keyId: ownKeyId, publicKey: ownKey, key }
    : caIssuer(signer.certificate, key);
  // Without this check, a signature by the wrong key would be noticed only when a client verifies the chain.
  if (!issuer.publicKey || !key.publicKey.equals(issuer.publicKey)) throw new PkiError('signer_key');

  const algorithm = rawDer(Buffer.from(key.algorithm.identifier, 'hex'));
  const toBeSigned = encode(
    sequence(
      explicit(0, unsignedInteger(V3)),
      unsignedInteger(serialNumber(deps)),
      algorithm,
      rawDer(issuer.name),
      validity(request),
      rawDer(subject),
      rawDer(ownKeyInfo),
      extensions(profile, ownKeyId, issuer.keyId),
    ),
  );
  const signature = await signAsync(key, toBeSigned);
  return encodePem('CERTIFICATE', encode(sequence(rawDer(toBeSigned), algorithm, bitString(signature))));
}
