import { type CertificateProfile, describeKey, type KeyDescription, type ParsedCertificate } from '@credplex/core';
import { readAlternativeNames } from './alternative-names.ts';
import { publicKeyOf, type ReadCertificate, readCertificateText, rsaModulusBits, verifies } from './certificate.ts';
import { hexOf } from './der-read.ts';
import { readBasicConstraints, readExtendedKeyUsage, readKeyUsage } from './extensions.ts';
import { OID } from './oids.ts';
import { encodePem } from './pem.ts';
import { encodeSubject, nameKey, readName, subjectFields } from './x500-name.ts';

export const DAY_MS = 86_400_000;

function profileOf({ certificate }: ReadCertificate): CertificateProfile {
  const { extensions } = certificate;
  const subject = subjectFields(readName(certificate.subject));
  const names = extensions.get(OID.subjectAlternativeName);
  const usage = extensions.get(OID.keyUsage);
  const purposes = extensions.get(OID.extendedKeyUsage);
  const constraints = extensions.get(OID.basicConstraints);
  const alternative = names && readAlternativeNames(names);
  const extended = purposes && readExtendedKeyUsage(purposes);
  // The DER is kept only if the fields do not encode to the same bytes.
  const sameSubject = hexOf(encodeSubject(subject)) === hexOf(certificate.subject);
  return {
    subject,
    ...(sameSubject ? {} : { subjectDer: Uint8Array.from(certificate.subject) }),
    alternativeNames: alternative ? alternative.names : null,
    ...(alternative?.der ? { alternativeNamesDer: alternative.der } : {}),
    keyUsage: usage ? readKeyUsage(usage) : null,
    extendedKeyUsage: extended ? extended.usages : null,
    ...(extended?.der ? { extendedKeyUsageDer: extended.der } : {}),
    isCa: constraints ? readBasicConstraints(constraints) : false,
  };
}

/** Reads the size of an RSA key, the most common algorithm, from DER: a KeyObject costs more than all other parsing. */
function describeOwnKey({ certificate, x509 }: ReadCertificate): KeyDescription {
  const rsaBits = rsaModulusBits(certificate.publicKeyInfo);
  if (rsaBits !== undefined) return { type: 'rsa', bits: rsaBits };
  const key = publicKeyOf(x509);
  return key === undefined ? { type: undefined, bits: 0 } : describeKey(key);
}

function describe(read: ReadCertificate): ParsedCertificate {
  const { certificate, x509 } = read;
  const profile = profileOf(read);
  const subjectKey = nameKey(readName(certificate.subject));
  const issuerKey = nameKey(readName(certificate.issuer));
  return {
    pem: encodePem('CERTIFICATE', certificate.der),
    profile,
    subjectKey,
    issuerKey,
    key: describeOwnKey(read),
    publicKey: encodePem('PUBLIC KEY', certificate.publicKeyInfo),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    // Whole days, rounded down as CredHub does with java.time.
    durationDays: Math.trunc((certificate.notAfter.getTime() - certificate.notBefore.getTime()) / DAY_MS),
    isCa: profile.isCa,
    selfSigned: subjectKey === issuerKey && verifies(x509, x509),
  };
}

/** Implements {@link Pki.parse}. */
export function parse(text: string): ParsedCertificate {
  return readCertificateText(text, describe);
}

/** Implements {@link Pki.isSignedBy}. */
export function isSignedBy(certificate: string, ca: string): boolean {
  const signer = readCertificateText(ca, (read) => ({ ...read, key: nameKey(readName(read.certificate.subject)) }));
  return readCertificateText(
    certificate,
    ({ certificate: { issuer }, x509 }) => nameKey(readName(issuer)) === signer.key && verifies(x509, signer.x509),
  );
}
