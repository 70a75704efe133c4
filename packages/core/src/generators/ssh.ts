/** OpenSSH's public key lines for RSA (RFC 4253, section 6.6) and their fingerprints (server-facts 2.5). */
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
  if (!text.startsWith('ssh-rsa ')) return undefined;
  const rest = text.slice('ssh-rsa '.length).trimStart();
  const end = rest.search(/\s/);
  const encoded = end < 0 ? rest : rest.slice(0, end);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined;
  const blob = Buffer.from(encoded, 'base64');
  const modulus = modulusOf(blob);
  if (!modulus) return undefined;
  const comment = end < 0 ? '' : rest.slice(end).trim();
  return {
    keyLength: bitLength(modulus),
    comment: comment === '' ? null : comment,
    fingerprint: hash('sha256', blob, 'base64').replace(/=+$/, ''),
  };
}

function modulusOf(blob: Buffer): Buffer | undefined {
  let at = 0;
  let part: Buffer | undefined;
  for (let i = 0; i < 3; i++) {
    if (at + 4 > blob.length) return undefined;
    const length = blob.readUInt32BE(at);
    if (length > blob.length - at - 4) return undefined;
    part = blob.subarray(at + 4, at + 4 + length);
    if (i === 0 && part.toString('latin1') !== 'ssh-rsa') return undefined;
    at += 4 + length;
  }
  return part;
}

function bitLength(number: Buffer): number {
  const first = number.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (number.length - first) * 8 - Math.clz32(number[first] ?? 0) + 24;
}
