/** Reads and writes OpenSSH public key lines (RFC 4253, 6.6), with fingerprints and private keys. */
import { createPrivateKey, createPublicKey, hash } from 'node:crypto';
import type { Secret } from '../secret.ts';
import { algorithmOf, KEY_ALGORITHMS } from './index.ts';
import type { KeyAlgorithm, KeyDescription, KeyPair, SshKeys } from './key-algorithm.ts';
import { opensshPrivateKey } from './openssh-private-key.ts';
import { encodeParts, readParts } from './ssh-parts.ts';

export interface SshKeyPair {
  readonly publicKey: string;
  readonly privateKey: Secret;
}

/** The number of blob parts that describe a key. */
const MAX_PARTS = 3;

/**
 * Returns a generated pair in SSH form: a public key line `<name> <base64>[ <comment>]`, and a private key that
 * `ssh-keygen -y` reads.
 */
export function sshKeyPair(pair: KeyPair, comment: string | null): SshKeyPair {
  const publicKey = createPublicKey(pair.publicKey);
  const ssh = sshKeysOf(algorithmOf(publicKey));
  const parts = ssh.publicParts(publicKey);
  const blob = encodeParts(parts);
  const privateParts = ssh.privateParts?.(createPrivateKey(pair.privateKey.reveal()));
  return {
    publicKey: `${Buffer.from(parts[0] ?? '').toString('latin1')} ${blob.toString('base64')}${comment ? ` ${comment}` : ''}`,
    privateKey: privateParts === undefined ? pair.privateKey : opensshPrivateKey(blob, privateParts, comment ?? ''),
  };
}

function sshKeysOf(algorithm: KeyAlgorithm | undefined): SshKeys {
  if (algorithm?.ssh === undefined) throw new RangeError('SSH has no keys of this algorithm');
  return algorithm.ssh;
}

export interface SshPublicKey extends KeyDescription {
  readonly comment: string | null;
  /** As `ssh-keygen -l` prints it, without `SHA256:`. */
  readonly fingerprint: string;
  /** Whether responses show the fingerprint of a key that was set, not generated. */
  readonly hasFingerprintWhenSet: boolean;
}

/** Parses a public key line. Returns `undefined` for an unknown algorithm or a malformed blob. */
export function parseSshPublicKey(text: string): SshPublicKey | undefined {
  const name = /^[^ ]*(?= )/.exec(text)?.[0];
  const ssh = ALGORITHMS.find((keys) => name !== undefined && keys.names.includes(name));
  const line = name === undefined ? undefined : readLine(text.slice(name.length + 1));
  if (ssh === undefined || line === undefined) return undefined;
  const parts = readParts(line.blob, MAX_PARTS);
  const described = parts[0]?.toString('latin1') === name ? ssh.describe(parts) : undefined;
  return (
    described && {
      ...described,
      comment: line.comment === '' ? null : line.comment,
      fingerprint: hash('sha256', line.blob, 'base64').replace(/=+$/, ''),
      hasFingerprintWhenSet: ssh.hasFingerprintWhenSet,
    }
  );
}

const ALGORITHMS: readonly SshKeys[] = KEY_ALGORITHMS.flatMap(({ ssh }: KeyAlgorithm) => ssh ?? []);

function readLine(afterName: string): { blob: Buffer; comment: string } | undefined {
  const rest = afterName.trimStart();
  const end = rest.search(/\s/);
  const encoded = end < 0 ? rest : rest.slice(0, end);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined;
  return { blob: Buffer.from(encoded, 'base64'), comment: end < 0 ? '' : rest.slice(end).trim() };
}
