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

/** A client whose clock is a little behind must not meet a certificate from the future. */
const CLOCK_SKEW_MS = 5 * 60_000;
function backdated(now: Date): Date {
  return new Date(now.getTime() - CLOCK_SKEW_MS);
}

/** A CA, ECDSA P-256. */
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

/** A private CA, self-signed, for a server that was given no certificate. */
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

/** X.520: a common name holds 64 characters. Clients look at the alternative names only (RFC 9525 2). */
const MAX_COMMON_NAME_LENGTH = 64;

/**
 * A TLS server's certificate by that CA, ECDSA P-256. `names` are host names and IP literals, at least one.
 * @throws RangeError for no name, or one that is neither; PkiError as {@link Pki.issue}
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
 * Whether a server should replace its certificate: unreadable, not yet or no more valid, or less than a third of its life left;
 * and, when `names` are given, when it does not cover one of them.
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
