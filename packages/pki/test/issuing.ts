import { randomBytes, X509Certificate } from 'node:crypto';
import type { CertificateProfile, IssueRequest, Pki, Secret, Signer } from '@credplex/core';
import { hexOf, readChildren, readDer, TAG } from '../src/der-read.ts';
import { createPki } from '../src/index.ts';
import { openssl } from './openssl.ts';
import { rsaKeys } from './recorded.ts';

export const pki: Pki = createPki({ entropy: { bytes: (n) => randomBytes(n) } });
export const NOW = new Date('2026-11-22T08:00:00.750Z');
export const DAY = 86_400_000;
export const keys = { root: rsaKeys('ca1_key'), intermediate: rsaKeys('ca2_key'), leaf: rsaKeys('leaf1_key') };

export function profile(change: Partial<CertificateProfile> = {}): CertificateProfile {
  return {
    subject: { common_name: 'x' },
    alternativeNames: null,
    keyUsage: null,
    extendedKeyUsage: null,
    isCa: false,
    ...change,
  };
}

export function issue(change: Partial<IssueRequest> = {}): Promise<string> {
  return pki.issue({
    profile: profile(),
    ...keys.leaf,
    signer: { self: true },
    notBefore: NOW,
    durationDays: 365,
    ...change,
  });
}

export function signedBy(certificate: string, key: { privateKey: Secret }): Signer {
  return {
    self: false,
    certificate,
    privateKey: key.privateKey,
  };
}

export function der(pem: string): Uint8Array {
  return new X509Certificate(pem).raw;
}

/** Extensions in order: identifier, criticality, content, all in hexadecimal. */
export function extensionsOf(pem: string): [string, boolean, string][] {
  const [tbs] = readChildren(readDer(der(pem), TAG.sequence).body);
  const last = readChildren(tbs?.body ?? new Uint8Array()).at(-1);
  return readChildren(readDer(last?.body ?? new Uint8Array()).body).map(({ body }) => {
    const parts = readChildren(body);
    return [hexOf(parts[0]?.body ?? body), parts.length === 3, hexOf(parts.at(-1)?.body ?? body)];
  });
}

export const SKI = '551d0e';
export const SAN = '551d11';
export const KU = '551d0f';
export const EKU = '551d25';
export const AKI = '551d23';
export const BC = '551d13';

/** Creates an X.509 version 1 CA, as in old PKIs, with openssl because we issue only version 3. */
export function v1Authority(): { certificate: string; privateKey: Secret } {
  const { privateKey } = keys.root;
  const request = openssl({ key: privateKey.reveal() }, 'req', '-new', '-key', '{key}', '-subj', '/CN=old root');
  const certificate = openssl(
    { key: privateKey.reveal(), request },
    ...['x509', '-req', '-in', '{request}', '-signkey', '{key}', '-days', '10'],
  );
  return { certificate, privateKey };
}
