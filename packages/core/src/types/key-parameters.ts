/**
 * The parameters `key_type` and `key_length` of certificates and SSH keys: what they ask for, whether a stored key has
 * it, and what a regenerated key keeps (docs/reference/divergences.md#certificates).
 */
import { CredError } from '../errors.ts';
import { DEFAULT_KEY_TYPE, getKeyType, type KeyChoice } from '../key-algorithms/index.ts';
import type { KeyDescription } from '../key-algorithms/key-algorithm.ts';
import { integer, text } from './fields.ts';
import { quotedList } from './quoted-list.ts';

const { sizes: KEY_LENGTHS } = getKeyType(DEFAULT_KEY_TYPE);
const [DEFAULT_KEY_LENGTH] = KEY_LENGTHS;
const DEFAULT_KEY: KeyChoice = { type: DEFAULT_KEY_TYPE, bits: DEFAULT_KEY_LENGTH };

export const keyLengthField = integer({
  values: KEY_LENGTHS,
  refusals: { value: 'invalid_key_length' },
  default: DEFAULT_KEY_LENGTH,
  flag: { char: 'k', summary: 'Bits of the key (the server takes 2048)' },
});

export const keyTypeField = (types: readonly string[]) =>
  text({
    values: types,
    refusals: { value: 'invalid_key_type' },
    default: DEFAULT_KEY_TYPE,
    description: 'key_length goes with rsa only',
    flag: { summary: `Key: ${quotedList(types, 'or')}` },
  });

/** What a request asks for. */
export interface RequestedKey extends KeyChoice {
  readonly isTypeGiven: boolean;
  readonly isLengthGiven: boolean;
}

/**
 * Returns the key that a request asks for; `types` are the values of `key_type` that it may choose from.
 * @throws CredError `invalid_key_type`, `invalid_key_length`
 */
export function readKeyParameters(
  read: { readonly key_type?: string | null; readonly key_length?: number },
  types: readonly string[],
): RequestedKey {
  const given = read.key_type ?? undefined;
  if (given !== undefined && !types.includes(given))
    throw new CredError('invalid_key_type', { types: quotedList(types) });
  const type = given ?? DEFAULT_KEY_TYPE;
  const bits = checkedLength(type, read.key_length);
  return { type, bits, isTypeGiven: given !== undefined, isLengthGiven: read.key_length !== undefined };
}

/** Returns the bits of a key of `type`. @throws CredError `invalid_key_length`, also where the type takes no length */
function checkedLength(type: string, length: number | undefined): number {
  const { sizes, algorithm } = getKeyType(type);
  if (length === undefined) return sizes[0];
  if (!algorithm.takesKeyLength || !sizes.includes(length)) throw new CredError('invalid_key_length');
  return length;
}

/**
 * Whether converge takes a stored key for the one that is asked for: `key_type` is compared only when the request has
 * it.
 */
export function matchesRequestedKey(asked: RequestedKey, stored: KeyDescription): boolean {
  if (asked.isTypeGiven && stored.type !== asked.type) return false;
  const hasLength = stored.type === undefined || getKeyType(stored.type).algorithm.takesKeyLength;
  // The default length is one of RSA: it says nothing about a key of another type that the request leaves open.
  return stored.bits === asked.bits || (!hasLength && !asked.isTypeGiven && !asked.isLengthGiven);
}

/**
 * Returns the key that a regenerated credential gets: one like the stored key, or the default where no `key_type`
 * generates such a key. `nearestLength` says which RSA key follows one of a length that cannot be asked for; absent:
 * the default.
 */
export function keyForRegeneration(
  stored: KeyDescription | undefined,
  nearestLength?: (bits: number) => number,
): KeyChoice {
  if (stored?.type === undefined) return DEFAULT_KEY;
  const { name, sizes, algorithm } = getKeyType(stored.type);
  if (sizes.includes(stored.bits)) return { type: name, bits: stored.bits };
  return { type: name, bits: (algorithm.takesKeyLength && nearestLength?.(stored.bits)) || sizes[0] };
}

/**
 * Returns a key of the same type with `length` bits; `undefined` keeps its length.
 * @throws CredError `invalid_key_length` for a length that generate would refuse, kept or not
 */
export function withLength({ type, bits }: KeyChoice, length: number | undefined): KeyChoice {
  const isFixed = length === undefined && !getKeyType(type).algorithm.takesKeyLength;
  return { type, bits: isFixed ? bits : checkedLength(type, length ?? bits) };
}
