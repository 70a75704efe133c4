/** Names of credentials (docs/reference/credhub-server.md#names). */
import { CredError } from '../errors.ts';
import type { Level } from '../level.ts';

/** The longest name of any level. */
const MAX_STORED_LENGTH = 1024;
const CHARACTERS = /^[a-zA-Z0-9\-_/.:,()[\]+]*$/;

/** Adds the leading slash if it is missing. */
export function withSlash(name: string): string {
  return name.startsWith('/') ? name : `/${name}`;
}

/**
 * Returns the name of a set, generate or regenerate request, with a leading slash.
 * @throws CredError `missing_name`, `invalid_slash_in_name`, `invalid_character_in_name`
 */
export function checkName(requested: string | null | undefined): string {
  if (requested === undefined || requested === null || requested === '' || requested === '/')
    throw new CredError('missing_name');
  const name = withSlash(requested);
  if (name.endsWith('/') || name.includes('//')) throw new CredError('invalid_slash_in_name');
  if (!CHARACTERS.test(name)) throw new CredError('invalid_character_in_name');
  return name;
}

/**
 * Refuses names that no level stores. Names above the limit of their level pass, because they may exist already;
 * {@link checkNewName} refuses them when they are new. @throws CredError `name_has_too_many_characters`
 */
export function checkNameLength(name: string, level: Level): void {
  if (name.length > MAX_STORED_LENGTH) throw tooLong(level);
}

/** Returns whether a name is too long to be created at this level. */
export function isTooLongForNew(name: string, level: Level): boolean {
  return name.length > level.nameLength;
}

/**
 * Refuses names that are too long to be created. Level 1 creates names of up to 255 characters but still serves longer
 * ones that exist (docs/reference/credhub-server.md#levels). @throws CredError `name_has_too_many_characters`
 */
export function checkNewName(name: string, level: Level): void {
  if (isTooLongForNew(name, level)) throw tooLong(level);
}

function tooLong(level: Level): CredError {
  return new CredError('name_has_too_many_characters', { limit: String(level.nameLength) });
}

/** Returns whether PostgreSQL can store a text: it rejects U+0000. */
export function isStorable(text: string): boolean {
  return !text.includes('\0');
}

/** Returns whether any credential can have this name. */
export function canExist(name: string): boolean {
  return isStorable(name) && name.length <= MAX_STORED_LENGTH;
}
