/**
 * Sets a certificate: the checks that need no other credential, in CredHub's order. Errors that CredHub throws during
 * validation come before those that it collects, so an unreadable certificate or key is reported before other faults.
 */
import { CredError, type ErrorCode } from '../errors.ts';
import { withSlash } from '../identifiers/name.ts';
import { objectOf, readFields } from '../json/read.ts';
import type { JsonNode } from '../json/tree.ts';
import { type ParsedCertificate, PkiError, type PkiErrorCode } from '../ports/pki.ts';
import { secret } from '../secret.ts';
import { type CredentialContent, NO_PLAIN_PARTS, type SetPlan, type SigningCa, type Tools } from './credential-type.ts';
import { flag, nullableFlag, strictText } from './fields.ts';
import { PRIVATE_KEY_FLAG } from './key-pair.ts';

export const certificateValueFields = {
  ca: strictText({
    maxLength: 7000,
    refusals: { size: 'invalid_certificate_length' },
    flag: { name: 'root', char: 'r', summary: 'CA certificate, as file or text', takes: 'file' },
  }),
  ca_name: strictText({
    flag: { char: 'm', summary: 'Name of the stored CA that signed the certificate', takes: 'credential' },
  }),
  certificate: strictText({
    maxLength: 7000,
    refusals: { size: 'invalid_certificate_length' },
    flag: { char: 'c', summary: 'Certificate, as file or text', takes: 'file' },
  }),
  private_key: strictText({ flag: PRIVATE_KEY_FLAG }),
  transitional: flag({ default: false }),
  certificate_authority: flag({ default: false }),
  self_signed: flag({ default: false }),
  generated: nullableFlag(),
};

/** Limits the PEM objects in one text, because each may be decoded (docs/reference/divergences.md). */
const MAX_PEM_OBJECTS = 100;
const PEM_BEGIN = '-----BEGIN ';

const MAX_BYTES = 7000;
/** Longer texts are refused before they are parsed. */
const MAX_PARSED_BYTES = 64 * 1024;

export interface CertificateInput {
  readonly ca: string | null;
  readonly caName: string | null;
  readonly certificate: string | null;
  readonly privateKey: string | null;
  readonly parsed: ParsedCertificate | undefined;
  readonly transitional: boolean;
  readonly claimsCa: boolean;
  readonly claimsSelfSigned: boolean;
  readonly claimsGenerated: boolean | null;
}

/** Reads a set value. The returned function checks it and returns the plan. */
/** Reads a set value. The returned function checks it and returns the plan. */
export function bindCertificateSet(node: JsonNode, tools: Tools): () => SetPlan {
  const read = readCertificateValue(node);
  return () => {
    const given = checkCertificateInput(read, tools);
    return {
      fault: missingCertificate(given, tools),
      ca: given.caName ?? undefined,
      isOversized: false,
      isCheap: true,
      checkCa: (ca) => checkSigner(given, ca, tools),
      make: (name, ca) => setContent(name, given, ca),
    };
  };
}

/**
 * Returns the error for a missing certificate, which only callers with write permission see (recorded: several-faults).
 */
export function missingCertificate({ certificate }: CertificateInput, tools: Tools): CredError | undefined {
  return certificate === null && tools.level.setNeedsCertificate ? new CredError('missing_certificate') : undefined;
}

export function readCertificateValue(node: JsonNode) {
  return readFields(objectOf(node), certificateValueFields);
}

export function checkCertificateInput(read: ReturnType<typeof readCertificateValue>, tools: Tools): CertificateInput {
  const ca = read.ca || null;
  const caName = read.ca_name || null;
  const certificate = read.certificate || null;
  const privateKey = read.private_key || null;
  if (ca === null && certificate === null && privateKey === null) {
    throw new CredError('missing_certificate_credentials');
  }
  checkLengths([certificate, ca], MAX_PARSED_BYTES);
  for (const part of [certificate, ca, privateKey]) if (part !== null) checkPemObjects(part);
  const parsed = certificate === null ? undefined : parseInput(certificate, 'invalid_certificate_value', tools);
  const matches = certificate === null || privateKey === null || isPair(certificate, privateKey, tools);
  if (ca !== null && caName !== null) throw new CredError('mixed_ca_name_and_ca');
  // CredHub checks the length of the CA only if there is a certificate (recorded: several-faults).
  if (certificate !== null || !tools.level.setNeedsCertificate) checkLengths([certificate, ca], MAX_BYTES);
  if (ca !== null && ca !== certificate) checkCa(ca, tools);
  if (!matches) throw new CredError('mismatched_certificate_and_private_key');
  if (certificate !== null && ca !== null && !mapPkiErrors(() => tools.pki.isSignedBy(certificate, ca))) {
    throw new CredError('certificate_was_not_signed_by_ca');
  }
  return {
    ca,
    caName: caName === null ? null : withSlash(caName),
    certificate,
    privateKey,
    parsed,
    transitional: read.transitional ?? false,
    claimsCa: read.certificate_authority ?? false,
    claimsSelfSigned: read.self_signed ?? false,
    claimsGenerated: read.generated ?? null,
  };
}

function checkLengths(parts: readonly (string | null)[], most: number): void {
  if (parts.some((part) => part !== null && Buffer.byteLength(part) > most)) {
    throw new CredError('invalid_certificate_length');
  }
}

/** @throws CredError `exceeds_maximum_size`, before any object is decoded */
function checkPemObjects(text: string): void {
  let count = 0;
  for (let at = text.indexOf(PEM_BEGIN); at >= 0; at = text.indexOf(PEM_BEGIN, at + PEM_BEGIN.length)) {
    count++;
    if (count > MAX_PEM_OBJECTS) throw new CredError('exceeds_maximum_size');
  }
}

function parseInput(text: string, code: ErrorCode, tools: Tools): ParsedCertificate {
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
  if (!parseInput(ca, 'invalid_ca_value', tools).isCa) throw new CredError('invalid_ca_value');
}

const KEY_ERRORS: Partial<Record<PkiErrorCode, ErrorCode>> = {
  key_format: 'malformed_private_key_format',
  key_content: 'malformed_private_key_content',
  key_not_rsa: 'malformed_private_key_type',
};

/** Returns whether key and certificate belong together. @throws CredError for an unreadable key */
function isPair(certificate: string, privateKey: string, tools: Tools): boolean {
  return mapPkiErrors(() => tools.pki.privateKeyMatches(secret(privateKey), certificate));
}

function mapPkiErrors<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    throw new CredError(KEY_ERRORS[error.code] ?? 'invalid_certificate_value');
  }
}

function checkSigner({ certificate }: CertificateInput, ca: SigningCa, tools: Tools): void {
  if (certificate !== null && !mapPkiErrors(() => tools.pki.isSignedBy(certificate, ca.certificate))) {
    throw new CredError('certificate_was_not_signed_by_ca_name');
  }
}

function setContent(name: string, given: CertificateInput, ca: SigningCa | undefined): CredentialContent {
  const { certificate, parsed, privateKey } = given;
  // A set certificate trusts only its signing CA, even while that CA is rotated.
  const caText = ca?.certificate ?? given.ca;
  const certificateAuthority = given.claimsCa || (parsed?.isCa ?? false);
  // A certificate with a CA name is not self-signed, even if the name is its own (recorded: odd-values).
  const isOwnCa = given.caName === null && parsed?.isCa === true && parsed.selfSigned;
  const selfSigned = given.claimsSelfSigned || isOwnCa;
  return {
    value: secret(JSON.stringify({ ca: caText, certificate, private_key: privateKey })),
    plain: {
      ...NO_PLAIN_PARTS,
      certificate: {
        certificate,
        ca: caText,
        trustedCa: null,
        // A self-signed CA stores its own name.
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

/**
 * Returns the content for create version. The flags of the request are stored unchecked; only the expiry is taken from
 * the certificate (recorded).
 */
export function versionContent(given: CertificateInput, transitional: boolean): CredentialContent {
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
        generated: given.claimsGenerated,
        transitional,
      },
    },
  };
}
