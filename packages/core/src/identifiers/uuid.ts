/** `@credplex/core/uuid`: reads UUIDs, whatever their version (RFC 9562, section 4). */

const GROUPS = [8, 4, 4, 4, 12];
/** A UUID in lower case, as part of a regular expression. */
export const UUID_PATTERN = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const UUID = new RegExp(`^${UUID_PATTERN}$`, 'i');

/** The one of all zeros, which identifies nothing and sorts before all others (RFC 9562, section 5.9). */
export const NIL_UUID = '00000000-0000-0000-0000-000000000000';

/** Returns whether a text is a complete UUID, in either case. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/**
 * Returns a UUID in canonical form; undefined for any other text. As CredHub does, it accepts upper case and groups
 * without leading zeros (docs/reference/credhub-server.md#get).
 */
export function readUuid(text: string): string | undefined {
  const groups = text.toLowerCase().split('-');
  if (groups.length !== GROUPS.length) return undefined;
  const padded = groups.map((group, i) => (/^[0-9a-f]+$/.test(group) ? group.padStart(GROUPS[i] ?? 0, '0') : ''));
  return padded.every((group, i) => group.length === GROUPS[i]) ? padded.join('-') : undefined;
}
