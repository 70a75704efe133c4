import type { ExtendedKeyUsage } from '@credplex/core';

/**
 * Object identifiers as the hexadecimal content of their DER, because they are only compared with or written into DER
 * (RFC 5280, appendix A; RFC 3279).
 */
export const OID = {
  commonName: '550403',
  serialNumber: '550405',
  country: '550406',
  locality: '550407',
  state: '550408',
  organization: '55040a',
  organizationUnit: '55040b',
  emailAddress: '2a864886f70d010901',
  subjectKeyIdentifier: '551d0e',
  keyUsage: '551d0f',
  subjectAlternativeName: '551d11',
  basicConstraints: '551d13',
  authorityKeyIdentifier: '551d23',
  extendedKeyUsage: '551d25',
  rsaEncryption: '2a864886f70d010101',
} as const;

/** id-kp of RFC 5280, 4.2.1.12, by CredHub's names. */
export const EXTENDED_KEY_USAGE_OIDS: Readonly<Record<ExtendedKeyUsage, string>> = {
  server_auth: '2b06010505070301',
  client_auth: '2b06010505070302',
  code_signing: '2b06010505070303',
  email_protection: '2b06010505070304',
  timestamping: '2b06010505070308',
};
