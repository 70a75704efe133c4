/**
 * What a key algorithm is. An algorithm is one file beside this one and a line in `index.ts`: how a key pair is generated, what a
 * public key says about itself, how a certificate's signature is named, and how SSH writes the keys.
 */
import type { KeyObject } from 'node:crypto';
import type { Secret } from '../secret.ts';

export interface KeyPair {
  /** SubjectPublicKeyInfo PEM, ending in a newline. */
  readonly publicKey: string;
  /** PEM, ending in a newline: PKCS#1 (`RSA PRIVATE KEY`) for RSA, PKCS#8 (`PRIVATE KEY`) for every other algorithm. */
  readonly privateKey: Secret;
}

/** What a public key says about itself. */
export interface KeyDescription {
  /** The `key_type` that generates such a key; `undefined` where none does. */
  readonly type: string | undefined;
  readonly bits: number;
}

/** How a certificate names the signature of a key (RFC 5280, 4.1.1.2), and what node:crypto needs to make it. */
export interface SignatureAlgorithm {
  /** DER of the AlgorithmIdentifier, in hexadecimal. */
  readonly identifier: string;
  /** `null`: the algorithm hashes by itself. */
  readonly digest: 'sha256' | 'sha384' | 'sha512' | null;
}

/** How SSH writes keys of an algorithm (RFC 4253, 6.6). */
export interface SshKeys {
  /** Names of the public keys, as they begin a line. */
  readonly names: readonly string[];
  /** Returns the parts of a public key's blob. */
  publicParts(key: KeyObject): readonly Uint8Array[];
  /**
   * Returns the parts of the private key in OpenSSH's own format; absent: the private key is the PEM of the pair
   * (docs/reference/credhub-server.md#type-ssh).
   */
  readonly privateParts?: (key: KeyObject) => readonly Uint8Array[];
  /** Describes the key of a blob that begins with one of {@link names}; `undefined` where it is no such key. */
  describe(parts: readonly Uint8Array[]): KeyDescription | undefined;
  /** Whether CredHub shows a fingerprint for a key that was set (docs/reference/credhub-server.md#type-ssh). */
  readonly hasFingerprintWhenSet: boolean;
}

export interface KeyAlgorithm {
  /** As in `KeyObject.asymmetricKeyType`. */
  readonly name: string;
  /** Values of the parameter `key_type`, each with the sizes in bits that it allows, the default first. */
  readonly keyTypes: Readonly<Record<string, readonly [number, ...number[]]>>;
  /** Whether `key_length` chooses among the sizes; otherwise the type decides and `key_length` is refused. */
  readonly takesKeyLength: boolean;
  /** Generates off the event loop. `signal` lets a caller leave the queue. */
  generate(bits: number, signal?: AbortSignal): Promise<KeyPair>;
  describe(publicKey: KeyObject): KeyDescription;
  /** `undefined`: a certificate cannot be signed with the key. */
  signature(key: KeyObject): SignatureAlgorithm | undefined;
  /** Absent: SSH has no such keys. */
  readonly ssh?: SshKeys;
}
