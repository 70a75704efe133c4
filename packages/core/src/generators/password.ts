/**
 * Passwords and user names with CredHub's guarantees (docs/reference/credhub-server.md#type-password,
 * docs/reference/credhub-server.md#type-user).
 */
import type { Entropy } from '../ports/clock.ts';

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const NUMBER = '0123456789';
/** Excludes `"`, `'`, `+` and the space, as CredHub does. */
const SPECIAL = '!#$%&()*,-./:;<=>?@[\\]^_`{|}~';

export const DEFAULT_PASSWORD_LENGTH = 30;

export interface CharacterClasses {
  readonly exclude_upper?: boolean | undefined;
  readonly exclude_lower?: boolean | undefined;
  readonly exclude_number?: boolean | undefined;
  readonly include_special?: boolean | undefined;
}

/** Returns the enabled character classes. */
export function charactersOf(classes: CharacterClasses): string[] {
  const sets: string[] = [];
  if (!classes.exclude_upper) sets.push(UPPER);
  if (!classes.exclude_lower) sets.push(LOWER);
  if (!classes.exclude_number) sets.push(NUMBER);
  if (classes.include_special) sets.push(SPECIAL);
  return sets;
}

/** Returns the length of the password. CredHub silently replaces a length outside 4 to 200 by 30. */
export function effectiveLength(length: number | undefined): number {
  return length !== undefined && length >= 4 && length <= 200 ? length : DEFAULT_PASSWORD_LENGTH;
}

/** Returns a random text with at least one character of every class; the rest is uniform over all classes. */
export function randomText(sets: readonly string[], length: number, entropy: Entropy): string {
  const union = sets.join('');
  const characters = sets.map((set) => set.charAt(entropy.below(set.length)));
  while (characters.length < length) characters.push(union.charAt(entropy.below(union.length)));
  return shuffle(characters, entropy).join('');
}

/** Returns 20 random letters, with at least one of each case. */
export function randomUsername(entropy: Entropy): string {
  return randomText([UPPER, LOWER], 20, entropy);
}

function shuffle<T>(items: T[], entropy: Entropy): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = entropy.below(i + 1);
    [items[i], items[j]] = [items[j] as T, items[i] as T];
  }
  return items;
}
