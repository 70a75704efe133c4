const GROUPS = [8, 4, 4, 4, 12];
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Returns whether a text is a UUID in full, in either case. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/**
 * Returns an id as the database compares it. Upper case and groups without leading zeros are accepted, as CredHub does
 * (docs/reference/credhub-server.md#get); undefined for everything else.
 */
export function readUuid(text: string): string | undefined {
  const groups = text.toLowerCase().split('-');
  if (groups.length !== GROUPS.length) return undefined;
  const padded = groups.map((group, i) => (/^[0-9a-f]+$/.test(group) ? group.padStart(GROUPS[i] ?? 0, '0') : ''));
  return padded.every((group, i) => group.length === GROUPS[i]) ? padded.join('-') : undefined;
}
