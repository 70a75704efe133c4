/** OpenSSH's public key lines for RSA (RFC 4253, section 6.6), and fingerprints of these and of ECDSA's (RFC 5656, 3.1). */
import { createPublicKey, hash } from 'node:crypto';

/** `ssh-rsa <base64>`, with ` <comment>` when there is one. */
export function sshPublicKey(publicKeyPem: string, comment: string | null): string {
  const { e = '', n = '' } = createPublicKey(publicKeyPem).export({ format: 'jwk' });
  const blob = Buffer.concat([field(Buffer.from('ssh-rsa')), field(positive(e)), field(positive(n))]);
  return `ssh-rsa ${blob.toString('base64')}${comment ? ` ${comment}` : ''}`;
}

/** An mpint: a leading zero keeps the first bit from being read as a sign. */
function positive(base64url: string): Buffer {
  const bytes = Buffer.from(base64url, 'base64url');
  return (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}

function field(bytes: Buffer): Buffer {
  const out = Buffer.alloc(4 + bytes.length);
  out.writeUInt32BE(bytes.length);
  out.set(bytes, 4);
  return out;
}

export interface SshPublicKey {
  readonly keyLength: number;
  readonly comment: string | null;
  /** As `ssh-keygen -l` prints it, without `SHA256:`. */
  readonly fingerprint: string;
}

/** undefined where the text is no `ssh-rsa` line or its blob cannot be decoded. */
export function parseSshPublicKey(text: string): SshPublicKey | undefined {
  const line = readLine(text, 'ssh-rsa');
  const [name, , modulus] = line ? readParts(line.blob, 3) : [];
  if (!line || !modulus || name?.toString('latin1') !== 'ssh-rsa') return undefined;
  const { blob, comment } = line;
  return {
    keyLength: bitLength(modulus),
    comment: comment === '' ? null : comment,
    fingerprint: fingerprintOf(blob),
  };
}

/** Octets of a point that is not compressed, by the name of the curve (RFC 5656, 3.1 and 10.1). */
const POINT_OCTETS: Readonly<Record<string, number>> = { nistp256: 65, nistp384: 97, nistp521: 133 };

/**
 * Returns the fingerprint of an RSA or ECDSA key as `ssh-keygen -l` prints it, without `SHA256:`. `undefined` for every other
 * kind of key, as CredHub answers, and for a blob that cannot be decoded.
 */
export function sshFingerprint(text: string): string | undefined {
  for (const [curve, octets] of Object.entries(POINT_OCTETS)) {
    const kind = `ecdsa-sha2-${curve}`;
    const line = readLine(text, kind);
    if (line === undefined) continue;
    const [name, named, point] = readParts(line.blob, 3);
    const isKey = name?.toString('latin1') === kind && named?.toString('latin1') === curve && point?.length === octets;
    return isKey && point[0] === 4 ? fingerprintOf(line.blob) : undefined;
  }
  return parseSshPublicKey(text)?.fingerprint;
}

const fingerprintOf = (blob: Buffer): string => hash('sha256', blob, 'base64').replace(/=+$/, '');

function readLine(text: string, kind: string): { blob: Buffer; comment: string } | undefined {
  if (!text.startsWith(`${kind} `)) return undefined;
  const rest = text.slice(kind.length + 1).trimStart();
  const end = rest.search(/\s/);
  const encoded = end < 0 ? rest : rest.slice(0, end);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined;
  return { blob: Buffer.from(encoded, 'base64'), comment: end < 0 ? '' : rest.slice(end).trim() };
}

/** The first parts of a blob, each behind its length; fewer where it ends too early. */
function readParts(blob: Buffer, count: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; parts.length < count && at + 4 <= blob.length; ) {
    const length = blob.readUInt32BE(at);
    if (length > blob.length - at - 4) break;
    parts.push(blob.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return parts;
}

function bitLength(number: Buffer): number {
  const first = number.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (number.length - first) * 8 - Math.clz32(number[first] ?? 0) + 24;
}
