/**
 * Generation parameters of certificates: types, defaults, and checks in the recorded order
 * (docs/reference/credhub-server.md#order-of-checks).
 */
import { CredError } from '../errors.ts';
import { withSlash } from '../identifiers/name.ts';
import { objectOf, readFields } from '../json/read.ts';
import type { JsonNode } from '../json/tree.ts';
import { KEY_TYPES } from '../key-algorithms/index.ts';
import {
  EXTENDED_KEY_USAGES,
  type ExtendedKeyUsage,
  KEY_USAGES,
  type KeyUsage,
  type Pki,
  type SubjectFields,
} from '../ports/pki.ts';
import { flag, integer, text, texts } from './fields.ts';
import { keyLengthField, keyTypeField, type RequestedKey, readKeyParameters } from './key-parameters.ts';

const DEFAULT_DURATION = 365;
const MAX_DURATION = 3650;
const MAX_ALTERNATIVE_NAME = 253;
/** Limits the elements of a request, because each is checked and encoded (docs/reference/divergences.md). */
const MAX_ALTERNATIVE_NAMES = 1000;
const MAX_USAGES = 64;

/** Maximum characters of each subject field. Error texts show the name with spaces for underscores. */
const SUBJECT_LIMITS = {
  common_name: 64,
  organization: 64,
  organization_unit: 64,
  locality: 128,
  state: 128,
  country: 2,
} as const;
const SUBJECT_FIELDS = Object.keys(SUBJECT_LIMITS) as (keyof typeof SUBJECT_LIMITS)[];

const TOO_LONG = { size: 'invalid_certificate_parameter' } as const;

export const certificateFields = {
  common_name: text({
    maxLength: SUBJECT_LIMITS.common_name,
    refusals: TOO_LONG,
    flag: { char: 'c', summary: 'Common name' },
  }),
  organization: text({
    maxLength: SUBJECT_LIMITS.organization,
    refusals: TOO_LONG,
    flag: { char: 'o', summary: 'Organization' },
  }),
  organization_unit: text({
    maxLength: SUBJECT_LIMITS.organization_unit,
    refusals: TOO_LONG,
    flag: { char: 'u', summary: 'Organization unit' },
  }),
  locality: text({
    maxLength: SUBJECT_LIMITS.locality,
    refusals: TOO_LONG,
    flag: { char: 'i', summary: 'Locality or city' },
  }),
  state: text({
    maxLength: SUBJECT_LIMITS.state,
    refusals: TOO_LONG,
    flag: { char: 's', summary: 'State or province' },
  }),
  country: text({ maxLength: SUBJECT_LIMITS.country, refusals: TOO_LONG, flag: { char: 'y', summary: 'Country' } }),
  alternative_names: texts({
    maxItems: MAX_ALTERNATIVE_NAMES,
    flag: { name: 'alternative-name', char: 'a', summary: 'DNS name or address; may be given several times' },
  }),
  key_usage: texts({
    values: KEY_USAGES,
    refusals: { value: 'invalid_key_usage' },
    maxItems: MAX_USAGES,
    flag: { char: 'g', summary: 'Key usage, such as key_encipherment; may be given several times' },
  }),
  extended_key_usage: texts({
    values: EXTENDED_KEY_USAGES,
    refusals: { value: 'invalid_extended_key_usage' },
    maxItems: MAX_USAGES,
    flag: { name: 'ext-key-usage', char: 'e', summary: 'Extended key usage; may be given several times' },
  }),
  key_type: keyTypeField(KEY_TYPES),
  key_length: keyLengthField,
  duration: integer({
    minimum: 1,
    maximum: MAX_DURATION,
    refusals: { value: 'invalid_duration' },
    default: DEFAULT_DURATION,
    description: 'days',
    flag: { char: 'd', summary: 'Days until it expires (the server takes 365)' },
  }),
  ca: text({
    description: 'name of the certificate that signs',
    flag: { summary: 'Name of the stored CA that signs', takes: 'credential' },
  }),
  is_ca: flag({ default: false, flag: { summary: 'Make a certificate authority' } }),
  self_sign: flag({ default: false, flag: { summary: 'Sign with its own key' } }),
};

export interface CertificateParameters {
  readonly subject: SubjectFields;
  readonly alternativeNames: readonly string[] | null;
  readonly keyUsage: readonly KeyUsage[] | null;
  readonly extendedKeyUsage: readonly ExtendedKeyUsage[] | null;
  readonly key: RequestedKey;
  readonly duration: number;
  /** Name of the CA with its slash; undefined: self-signed. */
  readonly ca: string | undefined;
  readonly isCa: boolean;
}

export type ReadCertificateParameters = ReturnType<typeof readCertificateParameters>;

export function readCertificateParameters(node: JsonNode) {
  return readFields(objectOf(node), certificateFields);
}

/**
 * Checks key and usages. The returned function checks the other parameters, because the sizes of name and metadata are
 * checked between the two (recorded: generate-certificate, "two faults").
 */
export function checkCertificateParameters(read: ReadCertificateParameters, pki: Pki): () => CertificateParameters {
  const key = readKeyParameters(read, KEY_TYPES);
  const keyUsage = checkUsages(read.key_usage ?? null, KEY_USAGES, 'invalid_key_usage');
  const extendedKeyUsage = checkUsages(
    read.extended_key_usage ?? null,
    EXTENDED_KEY_USAGES,
    'invalid_extended_key_usage',
  );
  return () => ({
    ...checkOthers(read, pki),
    keyUsage: keyUsage && [...new Set(keyUsage)],
    extendedKeyUsage,
    key,
  });
}

type Others = Omit<CertificateParameters, 'keyUsage' | 'extendedKeyUsage' | 'key'>;

function checkOthers(read: ReadCertificateParameters, pki: Pki): Others {
  const ca = read.ca || undefined;
  if (SUBJECT_FIELDS.every((field) => !read[field])) throw new CredError('missing_certificate_parameters');
  if (ca === undefined && !read.is_ca && !read.self_sign) throw new CredError('missing_signing_ca');
  if (ca !== undefined && read.self_sign) throw new CredError('ca_and_self_sign');
  const alternativeNames = read.alternative_names ?? null;
  if (alternativeNames?.some((name) => !pki.isAlternativeName(name))) throw new CredError('invalid_alternate_name');
  const duration = read.duration ?? DEFAULT_DURATION;
  if (duration < 1 || duration > MAX_DURATION) throw new CredError('invalid_duration');
  checkLengths(read, alternativeNames ?? []);
  return {
    subject: subjectOf(read),
    alternativeNames,
    duration,
    ca: ca === undefined ? undefined : withSlash(ca),
    isCa: read.is_ca ?? false,
  };
}

function checkUsages<U extends string>(
  values: readonly string[] | null,
  usages: readonly U[],
  code: 'invalid_key_usage' | 'invalid_extended_key_usage',
): U[] | null {
  return (
    values?.map((value) => {
      const usage = usages.find((candidate) => candidate === value);
      if (usage === undefined) throw new CredError(code, { value });
      return usage;
    }) ?? null
  );
}

function checkLengths(read: ReadCertificateParameters, alternativeNames: readonly string[]): void {
  for (const field of SUBJECT_FIELDS) {
    const limit = SUBJECT_LIMITS[field];
    if ((read[field]?.length ?? 0) > limit) throw tooLong(field.replace('_', ' '), limit);
  }
  if (alternativeNames.some((name) => name.length > MAX_ALTERNATIVE_NAME)) {
    throw tooLong('alternative name', MAX_ALTERNATIVE_NAME);
  }
}

function tooLong(field: string, limit: number): CredError {
  return new CredError('invalid_certificate_parameter', { field, limit: String(limit) });
}

/**
 * Removes spaces at both ends of each field, but no other white space. A field of spaces becomes an empty attribute
 * (recorded).
 */
function subjectOf(read: ReadCertificateParameters): SubjectFields {
  return Object.fromEntries(
    SUBJECT_FIELDS.flatMap((field) => {
      const given = read[field];
      return given ? [[field, withoutBlanks(given)]] : [];
    }),
  );
}

/** Fast enough as a regular expression, because the lengths have been checked. */
function withoutBlanks(text: string): string {
  return text.replace(/^ +| +$/g, '');
}
