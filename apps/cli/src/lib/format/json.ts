import { jsonNumber } from './go-number.ts';
import { entriesInOrder, isList, isNumber, type Value } from './json-tree.ts';
import { compareBytes } from './key-order.ts';

/**
 * The text of `--output-json`: indented by tabs, with a line break at the end. `<` and `>` stay as they are; like the
 * original it also turns the six characters `\u003c` inside a text into `<` (vector "string 240").
 */
export function printJson(value: Value): string {
  const text = render(value, { exact: false, indent: '\t' }, '');
  return `${text.replaceAll('\\u003c', '<').replaceAll('\\u003e', '>')}\n`;
}

/** The text of `curl`: indented by two blanks, `<`, `>` and `&` escaped, with a line break at the end. */
export function printCurlJson(value: Value): string {
  return `${render(value, { exact: true, indent: '  ' }, '')}\n`;
}

/** Indented by two blanks with a line break at the end; text and numbers as they are, for `plexctl`. */
export function prettyJson(value: Value): string {
  return `${render(value, { exact: true, indent: '  ', asWritten: true }, '')}\n`;
}

/** One line without blanks, as request bodies and `export --output-json` have it. Integers keep all their digits. */
export function compactJson(value: Value): string {
  return render(value, { exact: true, indent: '' }, '');
}

interface Layout {
  readonly exact: boolean;
  readonly indent: string;
  /** Markup is not escaped, numbers keep their spelling. */
  readonly asWritten?: boolean;
}

function render(value: Value, layout: Layout, margin: string): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  const asWritten = layout.asWritten === true;
  if (typeof value === 'string') return quote(value, asWritten);
  if (isNumber(value)) return asWritten ? value.text : jsonNumber(value.text, layout);
  const inner = margin + layout.indent;
  if (isList(value)) {
    return block(
      '[',
      value.map((item) => render(item, layout, inner)),
      ']',
      layout,
      margin,
    );
  }
  const colon = layout.indent === '' ? ':' : ': ';
  const fields = entriesInOrder(value, compareBytes).map(
    ([key, item]) => quote(key, asWritten) + colon + render(item, layout, inner),
  );
  return block('{', fields, '}', layout, margin);
}

function block(open: string, parts: readonly string[], close: string, layout: Layout, margin: string): string {
  if (parts.length === 0) return open + close;
  if (layout.indent === '') return open + parts.join(',') + close;
  const line = `\n${margin}${layout.indent}`;
  return `${open}${line}${parts.join(`,${line}`)}\n${margin}${close}`;
}

/** `JSON.stringify` has the same escapes, but leaves markup and the two Unicode line ends alone. */
function quote(text: string, asWritten: boolean): string {
  if (asWritten) return JSON.stringify(text.toWellFormed());
  return JSON.stringify(text.toWellFormed()).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
