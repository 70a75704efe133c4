const NAMED: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
};

// What unicode.IsPrint takes: letters, marks, numbers, punctuation, symbols, and of all blanks the one of ASCII.
const ESCAPED = /["\\]|[^ \p{L}\p{M}\p{N}\p{P}\p{S}]/gu;

/** A text between double quotes as Go's `%q` shows it; messages that scripts know contain such texts. */
export function goQuote(text: string): string {
  const escaped = text.toWellFormed().replace(ESCAPED, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    const named = NAMED[character];
    if (named !== undefined) return named;
    if (code < 0x80) return `\\x${hex.padStart(2, '0')}`;
    return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}
