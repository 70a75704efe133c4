/**
 * Issues and compares certificates, for generate (docs/reference/credhub-server.md#certificate-generation) and
 * regenerate (docs/reference/credhub-server.md#regenerate).
 */
import { CredError } from '../errors.ts';
import { generateKey, type KeyChoice } from '../key-algorithms/index.ts';
import type { KeyDescription, KeyPair } from '../key-algorithms/key-algorithm.ts';
import { type CertificateProfile, type ParsedCertificate, PkiError, type Signer } from '../ports/pki.ts';
import type { CertificateColumns } from '../ports/records.ts';
import { secret } from '../secret.ts';
import { shownCa } from './certificate-authorities.ts';
import {
  COLUMN_LIMIT,
  type CredentialContent,
  exceedsTextLimit,
  type GeneratePlan,
  NO_PLAIN_PARTS,
  type SigningCa,
  type Stored,
  type Tools,
} from './credential-type.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** The latest date that X.509 can represent (RFC 5280, 4.1.2.5). */
const LAST_DATE = Date.UTC(9999, 11, 31, 23, 59, 59);

export interface CertificateOrder {
  readonly profile: CertificateProfile;
  readonly key: KeyChoice;
  /** Whether a stored key satisfies {@link key} for converge. */
  readonly matchesKey: (stored: KeyDescription) => boolean;
  /** Requested days, before the operator's minimum is applied. */
  readonly duration: number;
  /** Name of the CA; undefined: self-signed. */
  readonly ca: string | undefined;
  readonly transitional: boolean;
}

/** Returns the plan that issues the ordered certificate. */
/** Returns the plan that issues the ordered certificate. */
export function certificatePlan(requested: CertificateOrder, tools: Tools): GeneratePlan {
  const order = { ...requested, profile: withDefaultKeyUsage(requested.profile, tools) };
  return {
    ca: order.ca,
    isOversized: exceedsColumnLimit(order.profile),
    isCheap: false,
    make: (name, ca, signal) => makeCertificate(name, order, ca, tools, signal),
    converges: (stored, ca) => converges(order, stored, ca, tools),
    existing: (stored) => ({
      durationOverridden: false,
      durationUsed: 0,
      keyLength: parseStored(stored, tools)?.key.bits ?? 0,
    }),
  };
}

/** Returns whether names and usages certainly exceed the column, by a lower bound. Avoids generating a key in vain. */
function exceedsColumnLimit({ alternativeNames, extendedKeyUsage }: CertificateProfile): boolean {
  const names = (alternativeNames ?? []).reduce((sum, name) => sum + Math.min(name.length, 4) + 2, 0);
  return names + (extendedKeyUsage ?? []).length * 10 > COLUMN_LIMIT;
}

/** Applies `certificates.enable_default_ca_key_usages` (docs/reference/credhub-server.md#what-is-issued). */
function withDefaultKeyUsage(profile: CertificateProfile, tools: Tools): CertificateProfile {
  const needsDefault = tools.certificates.enableDefaultCaKeyUsages && profile.isCa && !profile.keyUsage?.length;
  return needsDefault ? { ...profile, keyUsage: ['key_cert_sign', 'crl_sign'] } : profile;
}

function durationOf(order: CertificateOrder, tools: Tools): { used: number; overridden: boolean } {
  const { caMinimumDurationInDays, leafMinimumDurationInDays } = tools.certificates;
  const minimum = order.profile.isCa ? caMinimumDurationInDays : leafMinimumDurationInDays;
  // A minimum that is off is 0, so that a negative duration is overridden (recorded: certificates, "duration out of
  // range").
  return minimum > order.duration ? { used: minimum, overridden: true } : { used: order.duration, overridden: false };
}

async function makeCertificate(
  name: string,
  order: CertificateOrder,
  ca: SigningCa | undefined,
  tools: Tools,
  signal: AbortSignal | undefined,
): Promise<CredentialContent> {
  const signer = signerOf(order, ca);
  const keys = await generateKey(order.key, signal);
  const notBefore = new Date(Math.floor(tools.clock.now().getTime() / 1000) * 1000);
  const { used, overridden } = durationOf(order, tools);
  if (notBefore.getTime() + used * DAY_MS > LAST_DATE) throw new CredError('invalid_duration');
  const certificate = await issue(tools, { order, keys, signer, notBefore, durationDays: used });
  if (exceedsTextLimit(certificate)) throw new CredError('exceeds_maximum_size');
  const columns: CertificateColumns = {
    certificate,
    ca: ca?.certificate ?? certificate,
    trustedCa: ca?.trusted ?? null,
    caName: order.ca ?? name,
    expiresAt: new Date(notBefore.getTime() + Math.max(0, used) * DAY_MS),
    certificateAuthority: order.profile.isCa,
    selfSigned: order.ca === undefined,
    generated: true,
    transitional: order.transitional,
  };
  return {
    value: secret(
      JSON.stringify({
        ca: shownCa(columns, tools.certificates.concatenateCas),
        certificate,
        private_key: keys.privateKey.reveal(),
      }),
    ),
    plain: { ...NO_PLAIN_PARTS, certificate: columns },
    certificate: { durationOverridden: overridden, durationUsed: used, keyLength: order.key.bits },
  };
}

function signerOf(order: CertificateOrder, ca: SigningCa | undefined): Signer {
  if (order.ca === undefined) return { self: true };
  if (ca?.privateKey === undefined) throw new CredError('ca_missing_private_key');
  return { self: false, certificate: ca.certificate, privateKey: ca.privateKey };
}

async function issue(
  tools: Tools,
  parts: {
    order: CertificateOrder;
    keys: KeyPair;
    signer: Signer;
    notBefore: Date;
    durationDays: number;
  },
): Promise<string> {
  const { order, keys, signer, notBefore, durationDays } = parts;
  try {
    return await tools.pki.issue({ profile: order.profile, ...keys, signer, notBefore, durationDays });
  } catch (cause) {
    // The stored CA cannot sign: its key has an unsupported algorithm, or its certificate cannot be parsed.
    if (cause instanceof PkiError) throw new CredError('ca_missing_private_key', {}, { cause });
    throw cause;
  }
}

/** Parses a stored certificate; undefined if there is none or it is invalid. */
/** Parses a stored certificate; undefined if there is none or it is invalid. */
export function parseStored(stored: Stored, tools: Tools): ParsedCertificate | undefined {
  const text = stored.plain.certificate?.certificate;
  if (text === null || text === undefined) return undefined;
  try {
    return tools.pki.parse(text);
  } catch (error) {
    if (error instanceof PkiError) return undefined;
    throw error;
  }
}

function converges(order: CertificateOrder, stored: Stored, ca: SigningCa | undefined, tools: Tools): boolean {
  const columns = stored.plain.certificate;
  const parsed = parseStored(stored, tools);
  if (!parsed || !columns) return false;
  const { profile } = order;
  return (
    order.matchesKey(parsed.key) &&
    parsed.selfSigned === (order.ca === undefined) &&
    parsed.isCa === profile.isCa &&
    isSameCa(order, columns, ca) &&
    parsed.subjectKey === tools.pki.subjectKey(profile.subject) &&
    isSameList(parsed.profile.alternativeNames, profile.alternativeNames, tools.pki.normaliseAlternativeName) &&
    isSameList(sorted(parsed.profile.keyUsage), sorted(profile.keyUsage)) &&
    isSameList(parsed.profile.extendedKeyUsage, profile.extendedKeyUsage) &&
    parsed.profile.extendedKeyUsageDer === undefined &&
    (!tools.level.convergeComparesDuration || parsed.durationDays === durationOf(order, tools).used)
  );
}

/**
 * Returns whether the stored certificate is signed by the version that would sign now. A missing CA name on either side
 * matches. The trusted CA is not compared (docs/reference/ca-rotation.md#converge).
 */
function isSameCa(order: CertificateOrder, columns: CertificateColumns, ca: SigningCa | undefined): boolean {
  if (order.ca === undefined || columns.caName === null) return true;
  return order.ca.toLowerCase() === columns.caName.toLowerCase() && columns.ca?.trim() === ca?.certificate.trim();
}

function sorted<T extends string>(items: readonly T[] | null): readonly T[] | null {
  return items && [...new Set(items)].sort();
}

function isSameList(
  a: readonly string[] | null,
  b: readonly string[] | null,
  form: (item: string) => string = (item) => item,
): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((item, i) => form(item) === form(b[i] ?? ''));
}
