import { DASH, DOUBLE_QUOTE, END, PERCENT, SINGLE_QUOTE } from './characters.ts';
import { Cursor } from './cursor.ts';
import type { Dialect } from './dialect.ts';
import { Indentation } from './indentation.ts';
import { scanBlock } from './scan-block.ts';
import { scanDirective } from './scan-directive.ts';
import { scanPlain } from './scan-plain.ts';
import { scanQuoted } from './scan-quoted.ts';
import { skipLineComment, skipSpace } from './scan-space.ts';
import { scanAnchor, scanTag } from './scan-tag.ts';
import type { YamlSource } from './source.ts';
import { createToken, type SimpleKey, type Token, type TokenDetails, type TokenKind } from './token.ts';
import { TokenQueue } from './token-queue.ts';
import { type TokenStart, tokenStart } from './token-start.ts';

const MAX_DEPTH = 10_000;
/** A key without `?` may be this long, in characters (YAML 1.1, 7.4.2). */
const MAX_SIMPLE_KEY = 1024;

/** Cuts YAML 1.1 into tokens, with the liberties and limits that go-yaml takes. */
export class Scanner {
  readonly #cursor: Cursor;
  readonly #dialect: Dialect;
  readonly #queue = new TokenQueue();
  readonly #indentation = new Indentation();
  /** What may be a key in each open flow collection, and what these collections may be; the first place is the block's. */
  readonly #levels: { key?: SimpleKey; readonly opening?: SimpleKey | undefined }[] = [{}];
  #simpleKeyAllowed = true;
  #started = false;
  #ready = false;

  constructor(source: YamlSource, dialect: Dialect) {
    this.#cursor = new Cursor(source);
    this.#dialect = dialect;
  }

  /** The next token. @throws YamlSyntaxError */
  peek(): Token {
    if (!this.#ready) this.#scanAhead();
    this.#ready = true;
    return this.#queue.first ?? createToken('stream-end', this.#cursor.line);
  }

  next(): void {
    this.#ready = false;
    this.#queue.removeFirst();
  }

  get #inFlow(): boolean {
    return this.#levels.length > 1;
  }

  /** Scans until the first token is certain: a `:` further on may put a key before it. v3 scans two tokens more. */
  #scanAhead(): void {
    const further = this.#dialect === 'v3' ? 2 : 0;
    for (;;) {
      const { first, size } = this.#queue;
      const key = first?.simpleKey;
      if (size > further && !(key?.awaited === true && this.#mayBeKey(key))) return;
      this.#scanToken();
    }
  }

  #scanToken(): void {
    const cursor = this.#cursor;
    cursor.need(1);
    if (!this.#started) {
      this.#started = true;
      this.#add('stream-start');
      return;
    }
    const tabAllowed = !this.#simpleKeyAllowed;
    const broken = skipSpace(cursor, { dialect: this.#dialect, tabAllowed, inFlow: this.#inFlow });
    if (broken && !this.#inFlow) this.#simpleKeyAllowed = true;
    this.#closeBlocks(cursor.column);
    cursor.need(4);
    if (cursor.current === END) this.#endStream();
    else if (cursor.current === PERCENT && cursor.column === 0) this.#directive();
    else if (cursor.atDocumentMarker()) this.#documentMarker();
    else {
      this.#content();
      if (this.#dialect === 'v3' && this.#queue.last?.kind !== 'block-entry') skipLineComment(cursor);
    }
  }

  #content(): void {
    const cursor = this.#cursor;
    const start = tokenStart(cursor.current, cursor.at(1), { inFlow: this.#inFlow });
    switch (start) {
      case 'flow-sequence-start':
      case 'flow-mapping-start':
        this.#openFlow(start);
        break;
      case 'flow-sequence-end':
      case 'flow-mapping-end':
        this.#closeFlow(start);
        break;
      case 'flow-entry':
        this.#indicator(start, { keyAllowed: true });
        break;
      case 'block-entry':
        this.#blockEntry();
        break;
      case 'key':
        this.#key();
        break;
      case 'value':
        this.#value();
        break;
      case 'literal':
      case 'folded':
        this.#block(start === 'literal');
        break;
      case undefined:
        throw cursor.error('found character that cannot start any token');
      default:
        this.#possibleKey(start);
    }
  }

  #add(kind: TokenKind, details?: TokenDetails & { line?: number }): void {
    this.#queue.add(createToken(kind, details?.line ?? this.#cursor.line, details));
  }

  #mayBeKey(key: SimpleKey | undefined): key is SimpleKey {
    if (key === undefined || !key.possible) return false;
    const { line, index } = this.#cursor;
    if (key.line >= line && key.index + MAX_SIMPLE_KEY >= index) return true;
    if (key.required) throw this.#cursor.error("could not find expected ':'");
    key.possible = false;
    return false;
  }

  /** Remembers that a key may begin here, if one may. The next token cannot be one. */
  #beginSimpleKey(): SimpleKey | undefined {
    if (!this.#simpleKeyAllowed) return undefined;
    const { line, index, column } = this.#cursor;
    const required = !this.#inFlow && this.#indentation.current === column;
    this.#dropSimpleKey();
    this.#simpleKeyAllowed = false;
    const key = { possible: true, awaited: true, required, line, index, column };
    const level = this.#levels.at(-1);
    if (level !== undefined) level.key = key;
    return key;
  }

  #dropSimpleKey(): void {
    const key = this.#levels.at(-1)?.key;
    if (key === undefined || !key.possible) return;
    if (key.required) throw this.#cursor.error("could not find expected ':'");
    key.possible = false;
  }

  /** Opens a block collection, unless the column belongs to an open one. Returns its token. */
  #openBlock(kind: 'block-sequence-start' | 'block-mapping-start', at: { column: number; line: number }): Token[] {
    const { column, line } = at;
    if (this.#inFlow || this.#indentation.current >= column) return [];
    this.#indentation.open(column);
    if (this.#indentation.depth > MAX_DEPTH) throw this.#tooDeep();
    return [createToken(kind, line)];
  }

  #closeBlocks(column: number): void {
    if (this.#inFlow) return;
    while (this.#indentation.current > column) {
      this.#add('block-end');
      this.#indentation.close();
    }
  }

  #tooDeep(): Error {
    return this.#cursor.error(`exceeded max depth of ${MAX_DEPTH}`);
  }

  #endBlocks(): void {
    this.#closeBlocks(-1);
    this.#dropSimpleKey();
    this.#simpleKeyAllowed = false;
  }

  #endStream(): void {
    this.#cursor.finishLine();
    this.#endBlocks();
    this.#add('stream-end');
  }

  #directive(): void {
    this.#endBlocks();
    this.#queue.add(scanDirective(this.#cursor));
  }

  #documentMarker(): void {
    this.#endBlocks();
    this.#add(this.#cursor.current === DASH ? 'document-start' : 'document-end');
    this.#cursor.skipMany(3);
  }

  #openFlow(kind: 'flow-sequence-start' | 'flow-mapping-start'): void {
    const simpleKey = this.#beginSimpleKey();
    this.#levels.push({ opening: simpleKey });
    if (this.#levels.length - 1 > MAX_DEPTH) throw this.#tooDeep();
    this.#simpleKeyAllowed = true;
    this.#add(kind, { simpleKey });
    this.#cursor.skip();
  }

  #closeFlow(kind: 'flow-sequence-end' | 'flow-mapping-end'): void {
    this.#dropSimpleKey();
    if (this.#inFlow) {
      const level = this.#levels.pop();
      // go-yaml forgets to wait for the `:` behind a collection without simple keys, such as `{}`.
      if (level?.opening !== undefined && level.key === undefined) level.opening.awaited = false;
    }
    this.#simpleKeyAllowed = false;
    this.#add(kind);
    this.#cursor.skip();
  }

  #indicator(kind: TokenKind, { keyAllowed }: { keyAllowed: boolean }): void {
    this.#dropSimpleKey();
    this.#simpleKeyAllowed = keyAllowed;
    this.#add(kind);
    this.#cursor.skip();
  }

  #blockEntry(): void {
    this.#beginBlock('block-sequence-start', 'block sequence entries are not allowed in this context');
    this.#indicator('block-entry', { keyAllowed: true });
  }

  #key(): void {
    this.#beginBlock('block-mapping-start', 'mapping keys are not allowed in this context');
    this.#indicator('key', { keyAllowed: !this.#inFlow });
  }

  #value(): void {
    const key = this.#levels.at(-1)?.key;
    if (this.#mayBeKey(key)) {
      const start = this.#openBlock('block-mapping-start', key);
      this.#queue.insertBefore(key, [createToken('key', key.line), ...start]);
      key.possible = false;
      this.#simpleKeyAllowed = false;
    } else {
      this.#beginBlock('block-mapping-start', 'mapping values are not allowed in this context');
      this.#simpleKeyAllowed = !this.#inFlow;
    }
    this.#add('value');
    this.#cursor.skip();
  }

  /** Opens a block collection if needed. It may begin only where a key may. */
  #beginBlock(kind: 'block-sequence-start' | 'block-mapping-start', problem: string): void {
    if (this.#inFlow) return;
    if (!this.#simpleKeyAllowed) throw this.#cursor.error(problem);
    for (const token of this.#openBlock(kind, this.#cursor)) this.#queue.add(token);
  }

  #block(literal: boolean): void {
    this.#dropSimpleKey();
    this.#simpleKeyAllowed = true;
    const { line } = this.#cursor;
    const value = scanBlock(this.#cursor, { literal, parentIndent: this.#indentation.current });
    this.#add('scalar', { value, line });
  }

  #possibleKey(start: TokenStart): void {
    const cursor = this.#cursor;
    const simpleKey = this.#beginSimpleKey();
    const { line } = cursor;
    if (start === 'anchor' || start === 'alias') this.#add(start, { value: scanAnchor(cursor), simpleKey, line });
    else if (start === 'tag') {
      const { handle, suffix } = scanTag(cursor);
      this.#add('tag', { value: handle, suffix, simpleKey, line });
    } else if (start === 'plain') {
      const indent = this.#indentation.current + 1;
      const { value, endsLine } = scanPlain(cursor, { indent, inFlow: this.#inFlow });
      this.#add('scalar', { value, plain: true, simpleKey, line });
      if (endsLine) this.#simpleKeyAllowed = true;
    } else {
      const value = scanQuoted(cursor, start === 'single-quoted' ? SINGLE_QUOTE : DOUBLE_QUOTE);
      this.#add('scalar', { value, simpleKey, line });
    }
  }
}
