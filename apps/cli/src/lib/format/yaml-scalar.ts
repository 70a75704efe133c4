/** What a text contains that decides how YAML may write it. */
export interface ScalarTraits {
  readonly multiline: boolean;
  readonly plainAllowed: boolean;
  readonly singleQuotesAllowed: boolean;
  readonly blockAllowed: boolean;
}

export interface ScalarRules {
  /** Whether a tab may stand inside a block; otherwise it asks for double quotes like a control character. */
  readonly tabsInBlocks: boolean;
  /** Whether the Unicode line ends U+2028 and U+2029 ask for double quotes. */
  readonly lossless: boolean;
}

const breaks = /[\n\r\u0085\u2028\u2029]/;
const breaksAll = /[\n\r\u0085\u2028\u2029]/g;

// YAML 1.1, 5.1, without what lies beyond the BMP: the original escapes that too.
const notPrintable = /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;
const notPrintableButTab = /[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;

// Indicators that a plain scalar in block context may not begin with, or may not contain before or after a blank.
const indicatorAtStart = /^(?:[#,[\]{}&*!|>'"%@`]|[-?:](?:[ \t\n\r\u0085\u2028\u2029]|$)|---|\.\.\.)/;
const indicatorInside = /:(?:[ \t\n\r\u0085\u2028\u2029]|$)|[ \t\n\r\u0085\u2028\u2029]#/;

export function analyzeScalar(text: string, rules: ScalarRules): ScalarTraits {
  if (text === '') return { multiline: false, plainAllowed: true, singleQuotesAllowed: true, blockAllowed: false };
  const multiline = breaks.test(text);
  const blankBeforeBreak = /[ ][\n\r\u0085\u2028\u2029]/.test(text);
  const blankAfterBreak = /[\n\r\u0085\u2028\u2029] /.test(text);
  const special = rules.tabsInBlocks ? notPrintableButTab.test(text) : notPrintable.test(text);
  const unreadable = rules.lossless && /[\u2028\u2029]/.test(text);
  const edge = text.startsWith(' ') || text.endsWith(' ');
  const needsQuotes = blankBeforeBreak || special || unreadable;
  const singleQuotesAllowed = !needsQuotes && !blankAfterBreak && !text.includes('\t');
  return {
    multiline,
    plainAllowed:
      singleQuotesAllowed && !multiline && !edge && !indicatorAtStart.test(text) && !indicatorInside.test(text),
    singleQuotesAllowed,
    blockAllowed: !needsQuotes && !text.endsWith(' '),
  };
}

const escapes: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\xa0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
};

/** The escape of a character inside double quotes. */
export function escapeCharacter(character: string): string {
  const named = escapes[character];
  if (named !== undefined) return `\\${named}`;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** Whether a character must be escaped inside double quotes. */
export function needsEscape(character: string): boolean {
  return (
    character === '"' ||
    character === '\\' ||
    character === '\n' ||
    breaks.test(character) ||
    notPrintable.test(character) ||
    character.length > 1
  );
}

/** A text cut into lines, each with the line end that follows it (empty at the end of the text). */
export function linesOf(text: string): { line: string; end: string }[] {
  const lines: { line: string; end: string }[] = [];
  let start = 0;
  for (const found of text.matchAll(breaksAll)) {
    lines.push({ line: text.slice(start, found.index), end: found[0] });
    start = found.index + 1;
  }
  lines.push({ line: text.slice(start), end: '' });
  return lines;
}
