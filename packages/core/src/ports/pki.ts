/**
 * The domain's port to X.509, implemented by `@credplex/pki`. It exposes no type of node-forge.
 *
 * PEM texts have 64 columns, `\n` and a trailing newline, as CredHub stores them. Times are truncated to seconds.
 * Functions that parse untrusted text throw only {@link PkiError}.
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
 * The content of a certificate except keys, dates and issuer, from request parameters or from a stored certificate that
 * is regenerated. `subjectDer`, `alternativeNamesDer` and `extendedKeyUsageDer` hold values that CredHub's parameters
 * cannot express (other attributes, e-mail names, other OIDs). They take precedence over the corresponding field.
 */
export interface CertificateProfile {
  subject: SubjectFields;
  subjectDer?: Uint8Array | undefined;
  /** `null`: no extension; `[]`: an empty one. IP literals become iPAddress, other names dNSName. */
  alternativeNames: readonly string[] | null;
  alternativeNamesDer?: Uint8Array | undefined;
  keyUsage: readonly KeyUsage[] | null;
  extendedKeyUsage: readonly ExtendedKeyUsage[] | null;
  extendedKeyUsageDer?: Uint8Array | undefined;
  isCa: boolean;
}

/** The signer: the certificate's own key (`self`) or a CA. `privateKey` is PEM, PKCS#1 or PKCS#8. */
export type Signer = { self: true } | { self: false; certificate: string; privateKey: Secret };

export interface IssueRequest {
  profile: CertificateProfile;
  /** SubjectPublicKeyInfo PEM of the certificate's key. The private key is needed only for `self`. */
  publicKey: string;
  privateKey: Secret;
  signer: Signer;
  notBefore: Date;
  /** Validity in days of 24 hours. With 0 or less, the certificate ends when it starts. */
  durationDays: number;
}

export interface ParsedCertificate {
  /** The first certificate of the text, as normalised PEM. */
  pem: string;
  profile: CertificateProfile;
  /**
   * Canonical subject and issuer for comparison as X.500 names, which ignores case, repeated white space and order
   * (RFC 5280, 7.1; docs/reference/credhub-server.md#converge).
   */
  subjectKey: string;
  issuerKey: string;
  /** The certificate's public key. */
  key: KeyDescription;
  /** SubjectPublicKeyInfo PEM. */
  publicKey: string;
  notBefore: Date;
  notAfter: Date;
  /** Whole days between the dates, rounded as CredHub does. */
  durationDays: number;
  isCa: boolean;
  /** Whether issuer equals subject and the certificate's own key verifies its signature. */
  selfSigned: boolean;
}

/**
 * The reason why a text was refused.
 * - `certificate_value`: contains no X.509 certificate (INVALID_CERTIFICATE_VALUE);
 * - `certificate_unreadable`: another PEM object comes first, or the END line is missing (UNREADABLE_CERTIFICATE);
 * - `key_format`: a PEM label other than RSA PRIVATE KEY or PRIVATE KEY, encrypted, or no PEM at all;
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
   * Returns whether `ca`'s key verifies `certificate`'s signature and its subject is the issuer. Dates are not checked.
   * @throws PkiError as {@link Pki.parse}
   */
  isSignedBy(certificate: string, ca: string): boolean;

  /**
   * Returns whether the private key belongs to the certificate. Both may be untrusted text.
   * @throws PkiError `key_format`, `key_content`, `key_not_rsa`, and those of {@link Pki.parse}
   */
  privateKeyMatches(privateKey: Secret, certificate: string): boolean;

  /**
   * Returns whether CredHub accepts an alternative name (docs/reference/credhub-server.md#alternative-names) and a
   * certificate can contain it.
   */
  isAlternativeName(name: string): boolean;

  /** Returns the {@link ParsedCertificate.subjectKey} of a requested subject, for comparison by converge. */
  subjectKey(subject: SubjectFields): string;

  /** Returns an IP address in canonical form, and any other name unchanged, for comparison by converge. */
  normaliseAlternativeName(name: string): string;

  /** Returns the bits of an RSA public key PEM; undefined if it cannot be parsed. */
  publicKeyLength(publicKey: string): number | undefined;
}
