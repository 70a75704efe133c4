/** The trust anchors of client certificates, for what OpenSSL does not check: the certificate of a session that is resumed. */
import { createHash, X509Certificate } from 'node:crypto';
import { LRUCache } from 'lru-cache';

export interface ClientTrust {
  /** Identifies the set of anchors, in any order. Hexadecimal. */
  readonly digest: string;
  /**
   * Returns whether a certificate that OpenSSL accepted under these anchors still is acceptable at `now` (milliseconds since the
   * epoch). `false` also when that cannot be known: below an intermediate that is no anchor, since a session does not keep it, and
   * when an anchor is not valid now, since the chain may lead to it.
   */
  stillAccepts(certificate: X509Certificate, now: number): boolean;
}

/** Certificates whose issuer is known; verifying a signature costs as much as resumption saves. */
const MAX_KNOWN = 1_000;
const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]*CERTIFICATE)-----([\s\S]*?)-----END \1-----/g;

/** Reads PEM texts, each with one or more certificates. */
export function readClientTrust(pems: readonly string[]): ClientTrust {
  const ders = pems.flatMap((pem) => [...pem.matchAll(PEM_BLOCK)].map(([, , base64 = '']) => base64));
  const bytes = [...new Set(ders.map((base64) => Buffer.from(base64, 'base64').toString('hex')))].sort();
  const digest = createHash('sha256').update(bytes.join('\n')).digest('hex');
  const anchors = bytes.map((hex) => parse(Buffer.from(hex, 'hex')));
  const known = new LRUCache<string, boolean>({ max: MAX_KNOWN });
  const isAnchored = (certificate: X509Certificate): boolean => {
    const print = createHash('sha256').update(certificate.raw).digest('base64');
    const found = known.get(print);
    if (found !== undefined) return found;
    const isOf = (anchor: X509Certificate | undefined) =>
      anchor !== undefined && (certificate.raw.equals(anchor.raw) || isIssuedBy(certificate, anchor));
    const verdict = anchors.some(isOf);
    known.set(print, verdict);
    return verdict;
  };
  return {
    digest,
    stillAccepts: (certificate, now) =>
      [certificate, ...anchors].every((one) => one !== undefined && isValidAt(one, now)) && isAnchored(certificate),
  };
}

function parse(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

function isValidAt({ validFromDate, validToDate }: X509Certificate, now: number): boolean {
  return validFromDate.getTime() <= now && now <= validToDate.getTime();
}

function isIssuedBy(certificate: X509Certificate, anchor: X509Certificate): boolean {
  return anchor.ca && certificate.checkIssued(anchor) && certificate.verify(anchor.publicKey);
}
