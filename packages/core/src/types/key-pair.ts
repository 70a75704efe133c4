/**
 * What the types rsa (docs/reference/credhub-server.md#type-rsa) and ssh (docs/reference/credhub-server.md#type-ssh)
 * share.
 */
import { CredError } from '../errors.ts';
import { DEFAULT_KEY_LENGTH, KEY_LENGTHS } from '../generators/rsa.ts';
import { integer, strictText } from './fields.ts';

export const keyPairValueFields = {
  public_key: strictText({ maxLength: 7000 }),
  private_key: strictText(),
};

export const keyLengthField = integer({ values: KEY_LENGTHS, default: DEFAULT_KEY_LENGTH });

/** Empty counts as absent; one of the two must be there. */
export function checkKeys(read: { public_key?: string | null; private_key?: string | null }): {
  public_key: string | null;
  private_key: string | null;
} {
  const keys = { public_key: read.public_key || null, private_key: read.private_key || null };
  if (keys.public_key === null && keys.private_key === null) throw new CredError('missing_rsa_ssh_parameters');
  return keys;
}

export function checkKeyLength(bits: number): void {
  if (!(KEY_LENGTHS as readonly number[]).includes(bits)) throw new CredError('invalid_key_length');
}

/** For regenerate: the stored key's length where it is one that can be asked for (CredHub falls back to 2048 always). */
export const lengthToKeep = (bits: number | undefined): number =>
  bits !== undefined && (KEY_LENGTHS as readonly number[]).includes(bits) ? bits : DEFAULT_KEY_LENGTH;
