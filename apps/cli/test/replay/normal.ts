/** What no two runs have in common: ids, times, generated secrets, hashes and key material. */
const CHANGING: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>'],
  [/\$6\$[^\s"]+/g, '<hash>'],
  // A key in a YAML block, and in a JSON string.
  [/( *)-----BEGIN ([A-Z ]+)-----\n[\s\S]*?-----END \2-----/g, '$1<$2>'],
  [/-----BEGIN ([A-Z ]+)-----\\n.*?-----END \1-----/g, '<$1>'],
  [/ssh-rsa [A-Za-z0-9+/=.]+/g, '<ssh key>'],
  [/(public_key_fingerprint"?: "?)[A-Za-z0-9+/]+/g, '$1<fingerprint>'],
  [/^Date: .*$/gm, 'Date: ...'],
  // The one header that our server adds.
  [/^X-Credplex-Level: \d\n/gm, ''],
  [/https:\/\/localhost:\d+(\/uaa)?/g, '<url>'],
];

export function normal(text: string): string {
  return CHANGING.reduce((result, [pattern, name]) => result.replace(pattern, name), text);
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Remembers which id stands for a recorded one, so that later commands can ask for it. */
export function learnIds(ids: Map<string, string>, recorded: string, here: string): void {
  const [before, now] = [recorded.match(UUID) ?? [], here.match(UUID) ?? []];
  if (before.length !== now.length) return;
  for (const [index, id] of before.entries()) ids.set(id, now[index] ?? id);
}
