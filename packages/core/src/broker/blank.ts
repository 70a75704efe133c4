/** Whether a text has nothing to be seen: Unicode's white space, of which `trim` knows all but U+0085. */
export const isBlank = (text: string): boolean => !/[^\s\p{White_Space}]/u.test(text);
