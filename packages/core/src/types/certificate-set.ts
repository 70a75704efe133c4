/** Setting a certificate by hand: every rule of server-facts 2.8 that needs no other credential, in a fixed order. */
import { CredError, type ErrorCode } from '../errors.ts';
import { objectOf, readFields } from '../json/read.ts';
import type { JsonNode } from '../json/tree.ts';
import { type ParsedCertificate, PkiError, type PkiErrorCode } from '../ports/pki.ts';
import { secret } from '../secret.ts';
import { type Made, NO_PLAIN_PARTS, type SetPlan, type SigningCa, type Tools } from './credential-type.ts';
import { flag, strictText } from './fields.ts';

export const certificateValueFields = {
  ca: strictText({ maxLength: 7000 }),
  ca_name: strictText(),
  certificate: strictText({ maxLength: 7000 }),
  private_key: strictText(),
  transitional: flag({ default: false }),
  certificate_authority: flag({ default: false }),
  self_signed: flag({ default: false }),
  generated: flag(),
};

/** In one text of a request (docs/divergences.md): each may be decoded. */
const MAX_PEM_OBJECTS = 100;
const PEM_BEGIN = '-----BEGIN ';

/** server-facts 2.8, rule 4. */
const MAX_BYTES = 7000;

export interface GivenCertificate {
  readonly ca: string | null;
  readonly caName: string | null;
  readonly certificate: string | null;
  readonly privateKey: string | null;
  readonly parsed: ParsedCertificate | undefined;
  readonly transitional: boolean;
  readonly claimsCa: boolean;
  readonly claimsSelfSigned: boolean;
}

export function planCertificateSet(node: JsonNode, tools: Tools): SetPlan {
  const given = readGivenCertificate(node, tools);
  const caName = given.caName ?? undefined;
  return { ca: caName, oversized: false, cheap: true, make: (name, ca) => madeByHand(name, given, ca, tools) };
}

export function readGivenCertificate(node: JsonNode, tools: Tools): GivenCertificate {
  const read = readFields(objectOf(node), certificateValueFields);
  const ca = read.ca || null;
  const caName = read.ca_name || null;
  const certificate = read.certificate || null;
  const privateKey = read.private_key || null;
  if (ca === null && certificate === null && privateKey === null) {
    throw new CredError('missing_certificate_credentials');
  }
  if (ca !== null && caName !== null) throw new CredError('mixed_ca_name_and_ca');
  for (const part of [certificate, ca]) {
    if (part !== null && Buffer.byteLength(part) > MAX_BYTES) throw new CredError('invalid_certificate_length');
  }
  for (const part of [certificate, ca, privateKey]) if (part !== null) checkPemObjects(part);
  const parsed = certificate === null ? undefined : parseGiven(certificate, 'invalid_certificate_value', tools);
  if (ca !== null && ca !== certificate) checkCa(ca, tools);
  if (certificate === null && tools.level.setNeedsCertificate) throw new CredError('missing_certificate');
  if (certificate !== null) checkPair(certificate, privateKey, ca, tools);
  return {
    ca,
    caName: caName === null || caName.startsWith('/') ? caName : `/${caName}`,
    certificate,
    privateKey,
    parsed,
    transitional: read.transitional ?? false,
    claimsCa: read.certificate_authority ?? false,
    claimsSelfSigned: read.self_signed ?? false,
  };
}

/** @throws CredError `exceeds_maximum_size`, before any object is decoded */
function checkPemObjects(text: string): void {
  let count = 0;
  for (let at = text.indexOf(PEM_BEGIN); at >= 0; at = text.indexOf(PEM_BEGIN, at + PEM_BEGIN.length)) {
    count++;
    if (count > MAX_PEM_OBJECTS) throw new CredError('exceeds_maximum_size');
  }
}

function parseGiven(text: string, code: ErrorCode, tools: Tools): ParsedCertificate {
  // No PEM text holds U+0000.
  if (text.includes('\0')) throw new CredError(code);
  try {
    return tools.pki.parse(text);
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    throw new CredError(error.code === 'certificate_unreadable' ? 'unreadable_certificate' : code);
  }
}

function checkCa(ca: string, tools: Tools): void {
  if (!parseGiven(ca, 'invalid_ca_value', tools).isCa) throw new CredError('invalid_ca_value');
}

const KEY_ERRORS: Partial<Record<PkiErrorCode, ErrorCode>> = {
  key_format: 'malformed_private_key_format',
  key_content: 'malformed_private_key_content',
  key_not_rsa: 'malformed_private_key_type',
};

function checkPair(certificate: string, privateKey: string | null, ca: string | null, tools: Tools): void {
  if (privateKey !== null) {
    const matches = mapped(() => tools.pki.privateKeyMatches(secret(privateKey), certificate));
    if (!matches) throw new CredError('mismatched_certificate_and_private_key');
  }
  if (ca !== null && !mapped(() => tools.pki.isSignedBy(certificate, ca))) {
    throw new CredError('certificate_was_not_signed_by_ca');
  }
}

function mapped<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    throw new CredError(KEY_ERRORS[error.code] ?? 'invalid_certificate_value');
  }
}

function madeByHand(name: string, given: GivenCertificate, ca: SigningCa | undefined, tools: Tools): Made {
  const { certificate, parsed, privateKey } = given;
  if (ca !== undefined && certificate !== null && !mapped(() => tools.pki.isSignedBy(certificate, ca.certificate))) {
    throw new CredError('certificate_was_not_signed_by_ca_name');
  }
  // A set certificate trusts its signing CA alone, also while that CA rotates.
  const caText = ca?.certificate ?? given.ca;
  const certificateAuthority = given.claimsCa || (parsed?.isCa ?? false);
  const selfSigned = given.claimsSelfSigned || ((parsed?.isCa && parsed.selfSigned) ?? false);
  return {
    value: secret(JSON.stringify({ ca: caText, certificate, private_key: privateKey })),
    plain: {
      ...NO_PLAIN_PARTS,
      certificate: {
        certificate,
        ca: caText,
        trustedCa: null,
        // A self-signed CA remembers its own name.
        caName: given.caName ?? (selfSigned ? name : null),
        expiresAt: parsed?.notAfter ?? null,
        certificateAuthority,
        selfSigned,
        generated: false,
        transitional: given.transitional,
      },
    },
  };
}

/** For create version: what the request says about itself stands, nothing is read from the certificate but its end (recorded). */
export function madeVersion(given: GivenCertificate, transitional: boolean): Made {
  const { certificate, ca, caName, privateKey } = given;
  return {
    value: secret(JSON.stringify({ ca, certificate, private_key: privateKey })),
    plain: {
      ...NO_PLAIN_PARTS,
      certificate: {
        certificate,
        ca,
        trustedCa: null,
        caName,
        expiresAt: given.parsed?.notAfter ?? null,
        certificateAuthority: given.claimsCa,
        selfSigned: given.claimsSelfSigned,
        generated: null,
        transitional,
      },
    },
  };
}
