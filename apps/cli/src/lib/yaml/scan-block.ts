import { END, HASH, isBlank, isBreak, isBreakOrEnd, isDigit, SPACE, TAB } from './characters.ts';
import type { Cursor } from './cursor.ts';

interface Header {
  readonly chomping: 'clip' | 'strip' | 'keep';
  /** The indentation that is written as a digit; 0 without one. */
  readonly increment: number;
}

/** Reads a text after `|` or `>`, whose lines are indented more than `parentIndent`. */
export function scanBlock(
  cursor: Cursor,
  { literal, parentIndent }: { literal: boolean; parentIndent: number },
): string {
  cursor.skip();
  const { chomping, increment } = scanHeader(cursor);
  skipRestOfLine(cursor);
  const lines = new IndentedLines(cursor, parentIndent, increment);
  const parts: string[] = [];
  let lastBreak = '';
  let breaks = lines.skipEmpty();
  let afterBlank = false;
  cursor.need(1);
  while (cursor.column === lines.indent && cursor.current !== END) {
    const beforeBlank = isBlank(cursor.current);
    if (!literal && !afterBlank && !beforeBlank && lastBreak === '\n') {
      if (breaks === '') parts.push(' ');
    } else parts.push(lastBreak);
    parts.push(breaks);
    afterBlank = beforeBlank;
    const start = cursor.pos;
    while (!isBreakOrEnd(cursor.current)) {
      cursor.skip();
      cursor.need(1);
    }
    parts.push(cursor.text.slice(start, cursor.pos));
    cursor.need(2);
    lastBreak = cursor.readBreak();
    breaks = lines.skipEmpty();
  }
  if (chomping !== 'strip') parts.push(lastBreak);
  if (chomping === 'keep') parts.push(breaks);
  return parts.join('');
}

function scanHeader(cursor: Cursor): Header {
  cursor.need(1);
  let chomping = scanChomping(cursor);
  let increment = 0;
  cursor.need(1);
  if (isDigit(cursor.current)) {
    increment = cursor.current - 0x30;
    if (increment === 0) throw cursor.error('found an indentation indicator equal to 0');
    cursor.skip();
    cursor.need(1);
    if (chomping === undefined) chomping = scanChomping(cursor);
  }
  return { chomping: chomping ?? 'clip', increment };
}

function scanChomping(cursor: Cursor): 'strip' | 'keep' | undefined {
  const mark = cursor.text.charAt(cursor.pos);
  if (mark !== '+' && mark !== '-') return undefined;
  cursor.skip();
  return mark === '+' ? 'keep' : 'strip';
}

/** Moves to the next line. @throws YamlSyntaxError if there is more than blanks and a comment. */
export function skipRestOfLine(cursor: Cursor): void {
  cursor.need(1);
  while (isBlank(cursor.current)) {
    cursor.skip();
    cursor.need(1);
  }
  if (cursor.current === HASH) skipComment(cursor);
  if (!isBreakOrEnd(cursor.current)) throw cursor.error('did not find expected comment or line break');
  if (!isBreak(cursor.current)) return;
  cursor.need(2);
  cursor.readBreak();
}

/** Moves to the end of the line. */
export function skipComment(cursor: Cursor): void {
  while (!isBreakOrEnd(cursor.current)) {
    cursor.skip();
    cursor.need(1);
  }
}

class IndentedLines {
  /** 0 until the first line with content tells it. */
  indent: number;
  readonly #cursor: Cursor;
  readonly #parentIndent: number;

  constructor(cursor: Cursor, parentIndent: number, increment: number) {
    this.#cursor = cursor;
    this.#parentIndent = parentIndent;
    this.indent = increment > 0 ? Math.max(parentIndent, 0) + increment : 0;
  }

  /** Moves over indentation and empty lines, and returns their line breaks. */
  skipEmpty(): string {
    const cursor = this.#cursor;
    const { indent } = this;
    let breaks = '';
    let widest = 0;
    for (;;) {
      cursor.need(1);
      while (cursor.current === SPACE && (indent === 0 || cursor.column < indent)) {
        cursor.skip();
        cursor.need(1);
      }
      widest = Math.max(widest, cursor.column);
      if (cursor.current === TAB && (indent === 0 || cursor.column < indent)) {
        throw cursor.error('found a tab character where an indentation space is expected');
      }
      if (!isBreak(cursor.current)) break;
      cursor.need(2);
      breaks += cursor.readBreak();
    }
    if (indent === 0) this.indent = Math.max(widest, this.#parentIndent + 1, 1);
    return breaks;
  }
}
