/**
 * The parameters `key_type` and `key_length` of certificates and SSH keys: how they are read, compared with a stored
 * key, and derived from it for regenerate (docs/reference/divergences.md#certificates).
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

export function keyTypeField(types: readonly string[]) {
  return text({
    values: types,
    refusals: { value: 'invalid_key_type' },
    default: DEFAULT_KEY_TYPE,
    description: 'key_length goes with rsa only',
    flag: { summary: `Key: ${quotedList(types, 'or')}` },
  });
}

/** The key that a request asks for. */
export interface RequestedKey extends KeyChoice {
  readonly isTypeGiven: boolean;
  readonly isLengthGiven: boolean;
}

/**
 * Returns the requested key. `types` are the allowed values of `key_type`.
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

/** Returns the bits of a key. @throws CredError `invalid_key_length`, also if the type does not accept a length */
function checkedLength(type: string, length: number | undefined): number {
  const { sizes, algorithm } = getKeyType(type);
  if (length === undefined) return sizes[0];
  if (!algorithm.takesKeyLength || !sizes.includes(length)) throw new CredError('invalid_key_length');
  return length;
}

/**
 * Returns whether a stored key satisfies the request for converge. `key_type` is compared only if the request contains
 * it.
 */
export function matchesRequestedKey(asked: RequestedKey, stored: KeyDescription): boolean {
  if (asked.isTypeGiven && stored.type !== asked.type) return false;
  const hasLength = stored.type === undefined || getKeyType(stored.type).algorithm.takesKeyLength;
  // The default length belongs to RSA. It does not apply to a stored key of another type if the request gives no type.
  return stored.bits === asked.bits || (!hasLength && !asked.isTypeGiven && !asked.isLengthGiven);
}

/**
 * Returns the key for a regenerated credential: the same type and size as the stored key, or the default if no
 * `key_type` generates such keys. `nearestLength` maps an RSA length that cannot be requested; absent: the default
 * length.
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
 * Returns a key of the same type with `length` bits; `undefined` keeps the length.
 * @throws CredError `invalid_key_length` for a length that generate refuses, even if it is kept
 */
export function withLength({ type, bits }: KeyChoice, length: number | undefined): KeyChoice {
  const isFixed = length === undefined && !getKeyType(type).algorithm.takesKeyLength;
  return { type, bits: isFixed ? bits : checkedLength(type, length ?? bits) };
}
