/** Finds algorithms and key types in the table (`table.ts`). */
import type { KeyObject } from 'node:crypto';
import type { KeyAlgorithm, KeyDescription, KeyPair, SignatureAlgorithm } from './key-algorithm.ts';
import * as table from './table.ts';

export const KEY_ALGORITHMS: readonly KeyAlgorithm[] = Object.values(table);
export const DEFAULT_KEY_TYPE = 'rsa';

/** A kind of key that can be generated, by the value of `key_type`. */
export interface KeyType {
  readonly name: string;
  /** Bits that are allowed, the default first. */
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

/** Returns the key type of a name. @throws RangeError where the table has none */
export function getKeyType(name: string): KeyType {
  const found = ALL_KEY_TYPES.find((type) => type.name === name);
  if (found === undefined) throw new RangeError(`no key type is named ${name}`);
  return found;
}

export const algorithmOf = ({ asymmetricKeyType }: KeyObject): KeyAlgorithm | undefined =>
  KEY_ALGORITHMS.find(({ name }) => name === asymmetricKeyType);

/** Returns what a public key says about itself. Of an algorithm that is not in the table no type, and bits as far as they are known. */
export const describeKey = (publicKey: KeyObject): KeyDescription =>
  algorithmOf(publicKey)?.describe(publicKey) ?? {
    type: undefined,
    bits: publicKey.asymmetricKeyDetails?.modulusLength ?? 0,
  };

/** Returns how `key` signs a certificate; `undefined` where it cannot. */
export const signatureAlgorithmOf = (key: KeyObject): SignatureAlgorithm | undefined =>
  algorithmOf(key)?.signature(key);

/** A type and a size that were checked. */
export interface KeyChoice {
  readonly type: string;
  readonly bits: number;
}

/** Generates a key pair. `signal` lets the caller leave the queue. */
export const generateKey = ({ type, bits }: KeyChoice, signal?: AbortSignal): Promise<KeyPair> =>
  getKeyType(type).algorithm.generate(bits, signal);
