import { randomBytes } from 'node:crypto';
import type { Secret } from '@credplex/core';
import { isAlternativeName, normaliseAlternativeName } from './alternative-names.ts';
import { ecKeyPair } from './ec-key-pair.ts';
import { issue } from './issue.ts';
import { parse } from './parse.ts';

/** A certificate with its key, both PEM; the key is PKCS#8. */
export interface Identity {
  certificate: string;
  privateKey: Secret;
}

const deps = { entropy: { bytes: (n: number) => randomBytes(n) } };

/** Certificates start this much earlier, so that clients with a slow clock accept them. */
const CLOCK_SKEW_MS = 5 * 60_000;
function backdated(now: Date): Date {
  return new Date(now.getTime() - CLOCK_SKEW_MS);
}

/** Issues a CA certificate with an ECDSA P-256 key. */
export async function issueAuthority(request: {
  commonName: string;
  signer: Parameters<typeof issue>[1]['signer'];
  notBefore: Date;
  days: number;
}): Promise<Identity> {
  const keys = await ecKeyPair();
  const certificate = await issue(deps, {
    profile: {
      subject: { common_name: request.commonName },
      alternativeNames: null,
      keyUsage: ['key_cert_sign', 'crl_sign'],
      extendedKeyUsage: null,
      isCa: true,
    },
    ...keys,
    signer: request.signer,
    notBefore: request.notBefore,
    durationDays: request.days,
  });
  return { certificate, privateKey: keys.privateKey };
}

/** Creates a private, self-signed CA for a server without a configured certificate. */
export function createCertificateAuthority({
  commonName,
  days,
  now,
}: {
  commonName: string;
  days: number;
  now: Date;
}): Promise<Identity> {
  return issueAuthority({ commonName, signer: { self: true }, notBefore: backdated(now), days });
}

/** The limit of X.520. Clients check only the alternative names (RFC 9525, 2). */
const MAX_COMMON_NAME_LENGTH = 64;

/**
 * Issues a TLS server certificate with an ECDSA P-256 key. `names` are one or more host names and IP literals.
 * @throws RangeError without a name or for an invalid one; PkiError as {@link Pki.issue}
 */
export async function issueServerCertificate(request: {
  ca: Identity;
  names: readonly string[];
  days: number;
  now: Date;
}): Promise<Identity> {
  const [first] = request.names;
  if (first === undefined) throw new RangeError('a server certificate needs a name');
  const wrong = request.names.find((name) => name === '' || !isAlternativeName(name));
  if (wrong !== undefined) throw new RangeError(`not a host name or IP address: ${wrong}`);
  const keys = await ecKeyPair();
  const certificate = await issue(deps, {
    profile: {
      subject: { common_name: request.names.find((name) => name.length <= MAX_COMMON_NAME_LENGTH) ?? 'credplex' },
      alternativeNames: request.names,
      keyUsage: ['digital_signature'],
      extendedKeyUsage: ['server_auth'],
      isCa: false,
    },
    ...keys,
    signer: { self: false, ...request.ca },
    notBefore: backdated(request.now),
    durationDays: request.days,
  });
  return { certificate, privateKey: keys.privateKey };
}

/**
 * Returns whether a server must replace its certificate: it is unreadable, not valid now, in the last third of its
 * lifetime, or does not cover one of `names`.
 */
export function needsRenewal(certificate: string, now: Date, names: readonly string[] = []): boolean {
  try {
    const { notBefore, notAfter, profile } = parse(certificate);
    const life = notAfter.getTime() - notBefore.getTime();
    const remaining = notAfter.getTime() - now.getTime();
    const covered = new Set(profile.alternativeNames);
    return (
      now < notBefore || remaining <= life / 3 || names.some((name) => !covered.has(normaliseAlternativeName(name)))
    );
  } catch {
    return true;
  }
}
