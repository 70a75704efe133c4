/**
 * The generation parameters of password and user (docs/reference/credhub-server.md#type-password): reading, comparison,
 * and storage. The column `parameters` holds JSON with the length of the value, without keys that have their default.
 */
import { CredError } from '../errors.ts';
import { charactersOf, DEFAULT_PASSWORD_LENGTH, effectiveLength, randomText } from '../generators/password.ts';
import { objectOf, readFields } from '../json/read.ts';
import type { JsonNode } from '../json/tree.ts';
import type { Entropy } from '../ports/clock.ts';
import { type CommandFlag, flag, integer, text } from './fields.ts';

/** The command-line flag for the value of set. */
export const PASSWORD_FLAG: CommandFlag = { name: 'password', char: 'w', summary: 'Password', prompt: 'hidden' };

export const passwordFields = {
  length: integer({
    default: DEFAULT_PASSWORD_LENGTH,
    description: '4 to 200; any other length gives 30',
    flag: { char: 'l', summary: 'Number of characters (the server takes 30)' },
  }),
  exclude_upper: flag({ default: false, flag: { char: 'U', summary: 'Use no upper-case letters' } }),
  exclude_lower: flag({ default: false, flag: { char: 'L', summary: 'Use no lower-case letters' } }),
  exclude_number: flag({ default: false, flag: { char: 'N', summary: 'Use no digits' } }),
  include_special: flag({ default: false, flag: { char: 'S', summary: 'Use special characters too' } }),
  username: text(),
};

export interface PasswordParameters {
  /** As requested. */
  readonly length: number;
  readonly exclude_upper: boolean;
  readonly exclude_lower: boolean;
  readonly exclude_number: boolean;
  readonly include_special: boolean;
  readonly username: string | null;
}

/** Reads parameters. Absent and null mean the defaults. @throws CredError */
export function readPasswordParameters(node: JsonNode | undefined): PasswordParameters {
  const read = node === undefined || node === null ? {} : readFields(objectOf(node), passwordFields);
  return {
    length: read.length ?? DEFAULT_PASSWORD_LENGTH,
    exclude_upper: read.exclude_upper ?? false,
    exclude_lower: read.exclude_lower ?? false,
    exclude_number: read.exclude_number ?? false,
    include_special: read.include_special ?? false,
    username: read.username ?? null,
  };
}

/** Refuses parameters that exclude every character class. @throws CredError `excludes_all_charsets` */
/** Refuses parameters that exclude every character class. @throws CredError `excludes_all_charsets` */
export function checkPasswordParameters(parameters: PasswordParameters): void {
  if (charactersOf(parameters).length === 0) throw new CredError('excludes_all_charsets');
}

/** Returns a random password. */
/** Returns a random password. */
export function generatePassword(parameters: PasswordParameters, entropy: Entropy): string {
  return randomText(charactersOf(parameters), effectiveLength(parameters.length), entropy);
}

/** Returns the text of the column `parameters`. */
/** Returns the text of the column `parameters`. */
export function storedParameters(parameters: PasswordParameters): string {
  const { exclude_upper, exclude_lower, exclude_number, include_special, username } = parameters;
  return JSON.stringify({
    length: effectiveLength(parameters.length),
    ...(exclude_upper && { exclude_upper }),
    ...(exclude_lower && { exclude_lower }),
    ...(exclude_number && { exclude_number }),
    ...(include_special && { include_special }),
    ...(username !== null && { username }),
  });
}

/** Parses the result of {@link storedParameters}. */
export function readStoredParameters(stored: string): PasswordParameters {
  const read = JSON.parse(stored) as Partial<PasswordParameters>;
  return {
    length: read.length ?? DEFAULT_PASSWORD_LENGTH,
    exclude_upper: read.exclude_upper ?? false,
    exclude_lower: read.exclude_lower ?? false,
    exclude_number: read.exclude_number ?? false,
    include_special: read.include_special ?? false,
    username: read.username ?? null,
  };
}

/**
 * Compares all fields. A requested length outside 4 to 200 never equals the stored length 30 that it produced
 * (docs/reference/credhub-server.md#converge).
 */
export function areSameParameters(requested: PasswordParameters, stored: string | null): boolean {
  if (stored === null) return false;
  const storedValues = readStoredParameters(stored);
  return (Object.keys(passwordFields) as (keyof PasswordParameters)[]).every(
    (key) => requested[key] === storedValues[key],
  );
}
