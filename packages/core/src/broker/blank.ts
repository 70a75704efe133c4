/** Whether a text has nothing to be seen: Unicode's white space, of which `trim` knows all but U+0085. */
export function isBlank(text: string): boolean {
  return !/[^\s\p{White_Space}]/u.test(text);
}
