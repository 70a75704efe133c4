/** Where a reader of JSON stands in its text, and what readers may decide for themselves (RFC 8259, section 9). */

export interface JsonRules {
  /** Lists and objects inside each other. */
  readonly maxDepth: number;
  /**
   * Throws the reader's own error. `cursor.at` is the character that no JSON text has there, or the end of the text.
   * @param context what was being read, in the words of Go's encoding/json, such as `after array element`
   */
  refuse(cursor: Cursor, context: string): never;
  /** Returns what is read of a key, or refuses it. Only here may it hold half a surrogate pair. */
  key(key: string, cursor: Cursor): string;
  /** Returns what is read of a text, likewise. */
  text(text: string, cursor: Cursor): string;
  /** Refuses a number that the reader does not take. The cursor is behind it. */
  checkNumber?(text: string, cursor: Cursor): void;
}

export interface Cursor {
  readonly text: string;
  readonly rules: JsonRules;
  at: number;
  depth: number;
}

/** The context of nesting deeper than {@link JsonRules.maxDepth}. */
export const TOO_DEEP = 'exceeds the depth';

/** Refuses the character at the cursor. */
export function fail(cursor: Cursor, context: string): never {
  return cursor.rules.refuse(cursor, context);
}

/** Refuses a character further on. */
export function failAt(cursor: Cursor, at: number, context: string): never {
  cursor.at = at;
  return fail(cursor, context);
}

export function isAtEnd({ text, at }: Cursor): boolean {
  return at >= text.length;
}

export function skipBlanks(cursor: Cursor): void {
  const { text } = cursor;
  for (;;) {
    const code = text.charCodeAt(cursor.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    cursor.at++;
  }
}

/** Returns the next character that is no blank, without taking it; NaN at the end of the text. */
export function peek(cursor: Cursor): number {
  skipBlanks(cursor);
  return cursor.text.charCodeAt(cursor.at);
}

/** Takes the character at the cursor if it is this one. */
export function take(cursor: Cursor, code: number): boolean {
  if (cursor.text.charCodeAt(cursor.at) !== code) return false;
  cursor.at++;
  return true;
}

/** Takes a bracket that opens. */
export function open(cursor: Cursor): void {
  if (cursor.depth === cursor.rules.maxDepth) fail(cursor, TOO_DEEP);
  cursor.at++;
  cursor.depth++;
}

/** Takes the bracket that closes. */
export function close<T>(cursor: Cursor, node: T): T {
  cursor.at++;
  cursor.depth--;
  return node;
}
