import { BYTE_ORDER_MARK, CR, DASH, DOT, isBlankOrEnd, isBreak, LF, NEXT_LINE } from './characters.ts';
import type { YamlSource } from './source.ts';
import { YamlSyntaxError } from './syntax-error.ts';

// Looking ahead never goes further than this behind the last character.
const PADDING = '\0'.repeat(16);

/** A place in the text, with the line and column in characters from 0. */
export class Cursor {
  readonly text: string;
  line = 0;
  pos = 0;
  readonly #source: YamlSource;
  /** Characters that take two places in `text`, up to `pos` and up to the beginning of the line. */
  #wide = 0;
  #wideBeforeLine = 0;
  #lineStart = 0;
  /** How far the blocks that are decoded reach, and where the reader's buffer begins. */
  #limit: number;
  #nextBlock = 0;
  #bufferStart = 0;

  constructor(source: YamlSource) {
    this.#source = source;
    this.text = source.text + PADDING;
    const known = source.blockEnds.length === 0 && source.fault === undefined;
    this.#limit = known ? Number.POSITIVE_INFINITY : 0;
  }

  get index(): number {
    return this.pos - this.#wide;
  }

  get column(): number {
    return this.pos - this.#lineStart - (this.#wide - this.#wideBeforeLine);
  }

  /** The code of a character ahead; 0 at the end. */
  at(distance: number): number {
    return this.text.charCodeAt(this.pos + distance);
  }

  get current(): number {
    return this.text.charCodeAt(this.pos);
  }

  /** Makes sure that so many characters are decoded. @throws YamlEncodingError */
  need(count: number): void {
    if (this.#limit - this.pos < count) this.#fill(count);
  }

  #fill(count: number): void {
    this.#bufferStart = this.pos;
    const { blockEnds, fault } = this.#source;
    while (this.#limit - this.pos < count) {
      const end = blockEnds[this.#nextBlock];
      if (end === undefined) {
        if (fault !== undefined) throw fault;
        this.#limit += 1;
        return;
      }
      this.#limit = end;
      this.#nextBlock += 1;
    }
  }

  /** Moves over one character that is no line break. */
  skip(): void {
    const code = this.text.charCodeAt(this.pos++);
    if ((code & 0xfc00) === 0xd800) {
      this.pos += 1;
      this.#wide += 1;
    }
  }

  skipMany(count: number): void {
    for (let left = count; left > 0; left--) this.skip();
  }

  /** Moves over a line break and returns what stands for it in a text. */
  readBreak(): string {
    const code = this.current;
    if (!isBreak(code)) return '';
    this.pos += code === CR && this.at(1) === LF ? 2 : 1;
    this.line += 1;
    this.#lineStart = this.pos;
    this.#wideBeforeLine = this.#wide;
    return code === CR || code === LF || code === NEXT_LINE ? '\n' : String.fromCharCode(code);
  }

  /** Begins a line at the end of the text, if the last one has no line break. */
  finishLine(): void {
    if (this.column === 0) return;
    this.line += 1;
    this.#lineStart = this.pos;
    this.#wideBeforeLine = this.#wide;
  }

  /** Whether `---` or `...` stands here, alone or before a blank. */
  atDocumentMarker(): boolean {
    const code = this.current;
    if ((code !== DASH && code !== DOT) || this.column !== 0) return false;
    return this.at(1) === code && this.at(2) === code && isBlankOrEnd(this.at(3));
  }

  /**
   * Whether a byte order mark here is to be skipped. go-yaml looks at the beginning of its buffer instead of here, and
   * so a second mark costs every line of the first block its first character.
   */
  atByteOrderMark(): boolean {
    return this.text.charCodeAt(this.#bufferStart) === BYTE_ORDER_MARK && this.column === 0;
  }

  /** Returns the error of the scanner at this place. go-yaml gives no line for a fault in the first one. */
  error(problem: string): YamlSyntaxError {
    return new YamlSyntaxError(problem, this.line === 0 ? undefined : this.line + 1);
  }
}
