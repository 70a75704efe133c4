/**
 * What the domain asks of X.509. Implemented by `@credplex/pki`; node-forge never shows through.
 *
 * Every PEM here is text as CredHub stores it (64 columns, `\n`, trailing newline). Times are `Date`s cut to seconds.
 * Functions that read a foreign text throw {@link PkiError} and nothing else, whatever the text holds.
 */
import type { KeyDescription } from '../key-algorithms/key-algorithm.ts';
import type { Secret } from '../secret.ts';

/** CredHub's subject parameters, each a single value (docs/reference/credhub-server.md#certificate-generation). */
export interface SubjectFields {
  common_name?: string | undefined;
  organization?: string | undefined;
  organization_unit?: string | undefined;
  locality?: string | undefined;
  state?: string | undefined;
  country?: string | undefined;
}

export const KEY_USAGES = [
  'digital_signature',
  'non_repudiation',
  'key_encipherment',
  'data_encipherment',
  'key_agreement',
  'key_cert_sign',
  'crl_sign',
  'encipher_only',
  'decipher_only',
] as const;
export type KeyUsage = (typeof KEY_USAGES)[number];

export const EXTENDED_KEY_USAGES = [
  'client_auth',
  'server_auth',
  'code_signing',
  'email_protection',
  'timestamping',
] as const;
export type ExtendedKeyUsage = (typeof EXTENDED_KEY_USAGES)[number];

/**
 * What a certificate says, apart from keys, dates and issuer. From request parameters, or read from a stored
 * certificate for regenerate; then `subjectDer`, `alternativeNamesDer`, `extendedKeyUsageDer` carry what CredHub's
 * words cannot say (foreign attributes, e-mail names, other OIDs) and win over the fields beside them.
 */
export interface CertificateProfile {
  subject: SubjectFields;
  subjectDer?: Uint8Array | undefined;
  /** `null`: no extension; `[]`: an empty one. IP literals become iPAddress, all else dNSName. */
  alternativeNames: readonly string[] | null;
  alternativeNamesDer?: Uint8Array | undefined;
  keyUsage: readonly KeyUsage[] | null;
  extendedKeyUsage: readonly ExtendedKeyUsage[] | null;
  extendedKeyUsageDer?: Uint8Array | undefined;
  isCa: boolean;
}

/** Who signs: itself with its own key, or a CA. `privateKey` is PEM, PKCS#1 or PKCS#8. */
export type Signer = { self: true } | { self: false; certificate: string; privateKey: Secret };

export interface IssueRequest {
  profile: CertificateProfile;
  /** SubjectPublicKeyInfo PEM of the certificate's own key, and its private key (needed only for `self`). */
  publicKey: string;
  privateKey: Secret;
  signer: Signer;
  notBefore: Date;
  /** Validity in units of 24 h; 0 or negative gives a certificate that ends as it begins. */
  durationDays: number;
}

export interface ParsedCertificate {
  /** The first certificate of the text, as normalised PEM. */
  pem: string;
  profile: CertificateProfile;
  /**
   * Subject and issuer as keys that compare like X.500 names: case, inner blanks and order do not count (RFC 5280, 7.1;
   * docs/reference/credhub-server.md#converge).
   */
  subjectKey: string;
  issuerKey: string;
  /** Its own key. */
  key: KeyDescription;
  /** SubjectPublicKeyInfo PEM. */
  publicKey: string;
  notBefore: Date;
  notAfter: Date;
  /** Whole days between the dates, rounded as CredHub does. */
  durationDays: number;
  isCa: boolean;
  /** Issuer equals subject and its own key verifies the signature. */
  selfSigned: boolean;
}

/**
 * Why a text was refused.
 * - `certificate_value`: no X.509 certificate in it (INVALID_CERTIFICATE_VALUE);
 * - `certificate_unreadable`: another PEM object first, or a missing END line (UNREADABLE_CERTIFICATE);
 * - `key_format`: PEM label other than RSA PRIVATE KEY or PRIVATE KEY, encrypted, or no PEM at all;
 * - `key_content`: right label, undecodable content;
 * - `key_not_rsa`: decodable, but neither RSA nor a key in PKCS#8 that a certificate can be signed with;
 * - `signer_key`: the signer's private key is missing or cannot sign.
 */
export type PkiErrorCode =
  | 'certificate_value'
  | 'certificate_unreadable'
  | 'key_format'
  | 'key_content'
  | 'key_not_rsa'
  | 'signer_key';

export class PkiError extends Error {
  override readonly name = 'PkiError';
  readonly code: PkiErrorCode;
  constructor(code: PkiErrorCode, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

export interface Pki {
  /**
   * Builds and signs a v3 certificate as CredHub does (docs/reference/credhub-server.md#what-is-issued: extension
   * order, string types, random 159-bit serial). The signature is computed by node:crypto off the event loop. Resolves
   * to PEM.
   * @throws PkiError `signer_key`, `certificate_value` (of the signer)
   */
  issue(request: IssueRequest): Promise<string>;

  /**
   * Reads the first certificate of a text (docs/reference/credhub-server.md#reading-pem).
   * @throws PkiError `certificate_value`, `certificate_unreadable`
   */
  parse(text: string): ParsedCertificate;

  /**
   * Whether `ca`'s key verifies `certificate`'s signature and its subject is the issuer. Dates are not looked at.
   * @throws PkiError as {@link Pki.parse}
   */
  isSignedBy(certificate: string, ca: string): boolean;

  /**
   * Whether the private key belongs to the certificate; both as given by a user.
   * @throws PkiError `key_format`, `key_content`, `key_not_rsa`, and those of {@link Pki.parse}
   */
  privateKeyMatches(privateKey: Secret, certificate: string): boolean;

  /**
   * Whether CredHub takes an alternative name (docs/reference/credhub-server.md#alternative-names) and a certificate
   * can hold it.
   */
  isAlternativeName(name: string): boolean;

  /** {@link ParsedCertificate.subjectKey} of a subject asked for, so that converge can compare it with a stored one. */
  subjectKey(subject: SubjectFields): string;

  /** Text of an IP in the form a certificate gives it back; any other name unchanged. For converge's compare. */
  normaliseAlternativeName(name: string): string;

  /** Bits of an RSA public key PEM, or undefined when it cannot be read. */
  publicKeyLength(publicKey: string): number | undefined;
}
