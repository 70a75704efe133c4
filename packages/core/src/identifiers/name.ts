/** Names of credentials (docs/reference/credhub-server.md#names). */
import { CredError } from '../errors.ts';
import type { Level } from '../level.ts';

/** No level stores a longer one. */
const MAX_STORED_LENGTH = 1024;
const CHARACTERS = /^[a-zA-Z0-9\-_/.:,()[\]+]*$/;

export function withSlash(name: string): string {
  return name.startsWith('/') ? name : `/${name}`;
}

/** Returns the name of a set, generate or regenerate request with its slash. */
export function checkName(requested: string | null | undefined): string {
  if (requested === undefined || requested === null || requested === '' || requested === '/')
    throw new CredError('missing_name');
  const name = withSlash(requested);
  if (name.endsWith('/') || name.includes('//')) throw new CredError('invalid_slash_in_name');
  if (!CHARACTERS.test(name)) throw new CredError('invalid_character_in_name');
  return name;
}

/** A name longer than the level's limit passes while it is storable: {@link checkNewName} refuses it where it does not exist yet. */
export function checkNameLength(name: string, level: Level): void {
  if (name.length > MAX_STORED_LENGTH) throw tooLong(level);
}

export function isTooLongForNew(name: string, level: Level): boolean {
  return name.length > level.nameLength;
}

/**
 * Level 1 creates names of up to 255 characters and keeps serving longer ones that exist
 * (docs/reference/credhub-server.md#levels).
 */
export function checkNewName(name: string, level: Level): void {
  if (isTooLongForNew(name, level)) throw tooLong(level);
}

function tooLong(level: Level): CredError {
  return new CredError('name_has_too_many_characters', { limit: String(level.nameLength) });
}

/** No stored text holds U+0000, so nothing is found under it. */
export function isStorable(text: string): boolean {
  return !text.includes('\0');
}

/** Whether a credential can have this name at all. */
export function canExist(name: string): boolean {
  return isStorable(name) && name.length <= MAX_STORED_LENGTH;
}
