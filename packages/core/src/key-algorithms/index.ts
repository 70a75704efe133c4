/** Looks up key algorithms and key types in the table (`table.ts`). */
import type { KeyObject } from 'node:crypto';
import type { KeyAlgorithm, KeyDescription, KeyPair, SignatureAlgorithm } from './key-algorithm.ts';
import * as table from './table.ts';

export const KEY_ALGORITHMS: readonly KeyAlgorithm[] = Object.values(table);
export const DEFAULT_KEY_TYPE = 'rsa';

/** A value of `key_type`, with the keys that it generates. */
export interface KeyType {
  readonly name: string;
  /** Allowed sizes in bits, the default first. */
  readonly sizes: readonly [number, ...number[]];
  readonly algorithm: KeyAlgorithm;
}

const ALL_KEY_TYPES: readonly KeyType[] = KEY_ALGORITHMS.flatMap((algorithm) =>
  Object.entries(algorithm.keyTypes).map(([name, sizes]) => ({ name, sizes, algorithm })),
).sort((a, b) => Number(b.name === DEFAULT_KEY_TYPE) - Number(a.name === DEFAULT_KEY_TYPE));

/** Values of `key_type` for certificates, the default first. */
export const KEY_TYPES: readonly string[] = ALL_KEY_TYPES.map(({ name }) => name);
/** Values of `key_type` for SSH keys, the default first. */
export const SSH_KEY_TYPES: readonly string[] = ALL_KEY_TYPES.filter(({ algorithm }) => algorithm.ssh).map(
  ({ name }) => name,
);

/** Returns the key type with this name. @throws RangeError for an unknown name */
export function getKeyType(name: string): KeyType {
  const found = ALL_KEY_TYPES.find((type) => type.name === name);
  if (found === undefined) throw new RangeError(`no key type is named ${name}`);
  return found;
}

export function algorithmOf({ asymmetricKeyType }: KeyObject): KeyAlgorithm | undefined {
  return KEY_ALGORITHMS.find(({ name }) => name === asymmetricKeyType);
}

/**
 * Describes a public key. For an algorithm outside the table, the type is undefined and the bits are 0 unless known.
 */
export function describeKey(publicKey: KeyObject): KeyDescription {
  return (
    algorithmOf(publicKey)?.describe(publicKey) ?? {
      type: undefined,
      bits: publicKey.asymmetricKeyDetails?.modulusLength ?? 0,
    }
  );
}

/** Returns the signature algorithm of `key` for certificates; `undefined` if it cannot sign one. */
export function signatureAlgorithmOf(key: KeyObject): SignatureAlgorithm | undefined {
  return algorithmOf(key)?.signature(key);
}

/** A validated key type and size. */
export interface KeyChoice {
  readonly type: string;
  readonly bits: number;
}

/** Generates a key pair. `signal` cancels it while it is queued. */
export function generateKey({ type, bits }: KeyChoice, signal?: AbortSignal): Promise<KeyPair> {
  return getKeyType(type).algorithm.generate(bits, signal);
}
