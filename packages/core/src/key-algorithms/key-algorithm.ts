/**
 * The interface of key algorithms. An algorithm is one file in this folder and one line in `table.ts`. It defines how a
 * key pair is generated and described, how it signs certificates, and how SSH encodes it.
 */
import type { KeyObject } from 'node:crypto';
import type { Secret } from '../secret.ts';

export interface KeyPair {
  /** SubjectPublicKeyInfo PEM, ending in a newline. */
  readonly publicKey: string;
  /** PEM, ending in a newline: PKCS#1 (`RSA PRIVATE KEY`) for RSA, PKCS#8 (`PRIVATE KEY`) for every other algorithm. */
  readonly privateKey: Secret;
}

/** Type and size of a public key. */
export interface KeyDescription {
  /** The `key_type` that generates such keys; `undefined` if none does. */
  readonly type: string | undefined;
  readonly bits: number;
}

/** The AlgorithmIdentifier of a certificate's signature (RFC 5280, 4.1.1.2), and the digest for node:crypto. */
export interface SignatureAlgorithm {
  /** DER of the AlgorithmIdentifier, in hexadecimal. */
  readonly identifier: string;
  /** `null`: the algorithm hashes by itself. */
  readonly digest: 'sha256' | 'sha384' | 'sha512' | null;
}

/** The SSH encoding of an algorithm's keys (RFC 4253, 6.6). */
export interface SshKeys {
  /** Algorithm names at the start of a public key line. */
  readonly names: readonly string[];
  /** Returns the parts of a public key's blob. */
  publicParts(key: KeyObject): readonly Uint8Array[];
  /**
   * Returns the parts of a private key in OpenSSH's own format; absent: SSH uses the PEM of the pair
   * (docs/reference/credhub-server.md#type-ssh).
   */
  readonly privateParts?: (key: KeyObject) => readonly Uint8Array[];
  /** Describes the key in a blob that starts with one of {@link names}; `undefined` if it is malformed. */
  describe(parts: readonly Uint8Array[]): KeyDescription | undefined;
  /** Whether CredHub shows a fingerprint for a key that was set (docs/reference/credhub-server.md#type-ssh). */
  readonly hasFingerprintWhenSet: boolean;
}

export interface KeyAlgorithm {
  /** As in `KeyObject.asymmetricKeyType`. */
  readonly name: string;
  /** Values of the parameter `key_type`, each with the sizes in bits that it allows, the default first. */
  readonly keyTypes: Readonly<Record<string, readonly [number, ...number[]]>>;
  /** Whether `key_length` selects the size. Otherwise the key type determines it and `key_length` is refused. */
  readonly takesKeyLength: boolean;
  /** Generates a key pair off the event loop. `signal` cancels it while it is queued. */
  generate(bits: number, signal?: AbortSignal): Promise<KeyPair>;
  describe(publicKey: KeyObject): KeyDescription;
  /** Returns `undefined` if the key cannot sign certificates. */
  signature(key: KeyObject): SignatureAlgorithm | undefined;
  /** Absent: SSH does not support the algorithm. */
  readonly ssh?: SshKeys;
}
