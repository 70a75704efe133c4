import { analyzeScalar, escapeCharacter, linesOf, needsEscape, type ScalarRules } from './yaml-scalar.ts';

/** A document to print. The order of entries is the order of printing. */
export type YamlNode =
  /** Printed as it is: null, true, a number. */
  | { readonly kind: 'plain'; readonly text: string }
  /** A string; `ambiguous` when it would be read as something else without quotes. */
  | { readonly kind: 'text'; readonly text: string; readonly ambiguous: boolean }
  | { readonly kind: 'list'; readonly items: readonly YamlNode[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [YamlNode, YamlNode])[] };

export interface YamlDialect extends ScalarRules {
  readonly indent: 2 | 4;
  /** Text is folded at the first blank beyond this column. */
  readonly width: number;
  /** Whether a list inside a mapping is indented, and everything is aligned to multiples of the indent. */
  readonly indentedLists: boolean;
}

/** Where a node stands: the column of its parent's block (-1 at the top), and what kind of place in it. */
interface Place {
  readonly indent: number;
  readonly as: 'top' | 'key' | 'value' | 'item';
}

type Style = 'plain' | 'single' | 'double' | 'block';

/** Prints one document, ending in a line break. The layout is libyaml's, with the rules of the dialect. */
export function emitYaml(root: YamlNode, dialect: YamlDialect): string {
  const emitter = new Emitter(dialect);
  emitter.node(root, { indent: -1, as: 'top' });
  return emitter.finish();
}

// A key of more bytes is written in the `? ` form.
const maxSimpleKey = 128;

class Emitter {
  readonly #dialect: YamlDialect;
  readonly #out: string[] = [];
  #column = 0;
  /** Whether the last thing written separates, so that no blank is needed before the next. */
  #separated = true;
  /** Whether only indentation and indicators stand on this line so far. */
  #fresh = true;

  constructor(dialect: YamlDialect) {
    this.#dialect = dialect;
  }

  finish(): string {
    this.#startLine(0);
    return this.#out.join('');
  }

  node(node: YamlNode, place: Place): void {
    if (node.kind === 'list') this.#list(node.items, place);
    else if (node.kind === 'map') this.#map(node.entries, place);
    else this.#scalar(node, place);
  }

  #list(items: readonly YamlNode[], place: Place): void {
    if (items.length === 0) {
      this.#empty('[', ']');
      return;
    }
    const hanging = !this.#dialect.indentedLists && place.as === 'value' && !this.#fresh;
    const indent = hanging ? place.indent : this.#deeper(place, 0);
    for (const item of items) {
      this.#startLine(indent);
      this.#indicator('-', { fresh: true });
      this.node(item, { indent, as: 'item' });
    }
  }

  #map(entries: readonly (readonly [YamlNode, YamlNode])[], place: Place): void {
    if (entries.length === 0) {
      this.#empty('{', '}');
      return;
    }
    const indent = this.#deeper(place, 0);
    for (const [key, value] of entries) {
      this.#startLine(indent);
      if (isSimpleKey(key, this.#dialect)) {
        this.node(key, { indent, as: 'key' });
        this.#put(':');
        this.#separated = false;
        this.#fresh = false;
      } else {
        this.#indicator('?', { fresh: true });
        this.node(key, { indent, as: 'value' });
        this.#startLine(indent);
        this.#indicator(':', { fresh: true });
      }
      this.node(value, { indent, as: 'value' });
    }
  }

  #empty(open: string, close: string): void {
    this.#indicator(open, { fresh: false });
    this.#put(close);
  }

  #scalar(node: YamlNode & { text: string }, place: Place): void {
    const inner = this.#deeper(place, this.#dialect.indent);
    const folds = place.as !== 'key';
    switch (this.#style(node)) {
      case 'plain':
        if (!this.#separated) this.#put(' ');
        this.#folded(node.text, inner, folds);
        break;
      case 'single':
        this.#indicator("'", { fresh: false });
        this.#folded(node.text.replaceAll("'", "''"), inner, folds);
        this.#put("'");
        break;
      case 'double':
        this.#indicator('"', { fresh: false });
        this.#escaped(node.text, inner, folds);
        this.#put('"');
        break;
      case 'block':
        this.#block(node.text, inner, place.indent);
        return;
    }
    this.#separated = false;
    this.#fresh = false;
  }

  #style(node: YamlNode & { text: string }): Style {
    if (node.kind === 'plain') return 'plain';
    const traits = analyzeScalar(node.text, this.#dialect);
    if (node.text.includes('\n')) return traits.blockAllowed ? 'block' : 'double';
    if (node.kind === 'text' && node.ambiguous) return 'double';
    if (traits.plainAllowed) return 'plain';
    return traits.singleQuotesAllowed ? 'single' : 'double';
  }

  /** A literal block. Its indentation hint is always the dialect's indent, right or wrong, unless lossless. */
  #block(text: string, indent: number, parent: number): void {
    const hint = this.#dialect.lossless ? indent - Math.max(parent, 0) : this.#dialect.indent;
    // Without a hint a reader takes a tab at the beginning for indentation, and refuses it.
    const needsHint = this.#dialect.lossless ? /^[ \t\n\u2028\u2029]/ : /^[ \n\u2028\u2029]/;
    this.#indicator(`|${needsHint.test(text) ? hint : ''}${chomping(text)}`, { fresh: false });
    this.#newLine();
    for (const { line, end } of linesOf(text)) {
      if (line !== '') {
        this.#startLine(indent);
        this.#put(line);
        this.#separated = false;
        this.#fresh = false;
      }
      this.#lineEnd(end);
    }
  }

  /** Plain or single-quoted text: folded at blanks, and indented again after a Unicode line end. */
  #folded(text: string, indent: number, folds: boolean): void {
    for (const [index, { line, end }] of linesOf(text).entries()) {
      if (index > 0 && line !== '') this.#startLine(indent);
      if (!folds || this.#column + line.length <= this.#dialect.width) this.#put(line);
      else this.#words(line, indent);
      this.#lineEnd(end);
    }
  }

  #words(line: string, indent: number): void {
    const words = wordsOf(line);
    for (const [index, { word, blanks }] of words.entries()) {
      this.#put(word);
      const inside = word !== '' && index < words.length - 1;
      if (inside && blanks === ' ' && this.#column > this.#dialect.width) {
        this.#fresh = false;
        this.#startLine(indent);
      } else this.#put(blanks);
    }
  }

  #escaped(text: string, indent: number, folds: boolean): void {
    // The original escapes every character of a text that begins with a byte order mark.
    const all = text.startsWith('\ufeff');
    const characters = Array.from(text);
    let blanks = false;
    for (const [index, character] of characters.entries()) {
      if (all || needsEscape(character)) {
        this.#put(escapeCharacter(character));
        blanks = false;
      } else if (character === ' ') {
        const inside = index > 0 && index < characters.length - 1;
        if (folds && !blanks && inside && this.#column > this.#dialect.width) {
          this.#fresh = false;
          this.#startLine(indent);
          if (characters[index + 1] === ' ') this.#put('\\');
        } else this.#put(character);
        blanks = true;
      } else {
        this.#put(character);
        blanks = false;
      }
    }
  }

  #deeper(place: Place, atTop: number): number {
    if (place.indent < 0) return atTop;
    if (!this.#dialect.indentedLists || place.as === 'item') return place.indent + 2;
    return (Math.floor(place.indent / this.#dialect.indent) + 1) * this.#dialect.indent;
  }

  #indicator(mark: string, { fresh }: { fresh: boolean }): void {
    if (!this.#separated) this.#put(' ');
    this.#put(mark);
    this.#separated = false;
    this.#fresh = this.#fresh && fresh;
  }

  /** Goes to the column of a block, on a new line unless this one has nothing but indicators before that column. */
  #startLine(indent: number): void {
    if (!this.#fresh || this.#column > indent || (this.#column === indent && !this.#separated)) this.#newLine();
    if (this.#column < indent) this.#put(' '.repeat(indent - this.#column));
    this.#separated = true;
  }

  #lineEnd(end: string): void {
    if (end === '\n') this.#newLine();
    else if (end !== '') {
      this.#out.push(end);
      this.#column = 0;
      this.#fresh = true;
    }
  }

  #newLine(): void {
    this.#out.push('\n');
    this.#column = 0;
    this.#separated = true;
    this.#fresh = true;
  }

  #put(text: string): void {
    this.#out.push(text);
    this.#column += text.length;
  }
}

function isSimpleKey(key: YamlNode, rules: ScalarRules): boolean {
  if (key.kind === 'plain') return true;
  if (key.kind !== 'text') return false;
  return Buffer.byteLength(key.text) <= maxSimpleKey && !analyzeScalar(key.text, rules).multiline;
}

/** `-` without a line end at the end, `+` with more than one. */
function chomping(text: string): string {
  if (!/[\n\u2028\u2029]$/.test(text)) return '-';
  return text.length === 1 || /[\n\u2028\u2029]{2}$/.test(text) ? '+' : '';
}

function wordsOf(line: string): { word: string; blanks: string }[] {
  return Array.from(line.matchAll(/([^ ]+)( *)|^ +/g), ([all, word = '', blanks = all]) => ({ word, blanks }));
}
