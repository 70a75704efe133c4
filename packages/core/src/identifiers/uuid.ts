const GROUPS = [8, 4, 4, 4, 12];
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

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
