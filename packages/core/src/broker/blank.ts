/** Returns whether a text is empty or all Unicode white space. Unlike `trim`, this includes U+0085. */
export function isBlank(text: string): boolean {
  return !/[^\s\p{White_Space}]/u.test(text);
}
