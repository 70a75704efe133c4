import { DOT, isBlank, isBlankOrEnd, isDigit } from './characters.ts';
import type { Cursor } from './cursor.ts';
import { skipRestOfLine } from './scan-block.ts';
import { scanTagHandle, scanTagUri, scanWord } from './scan-tag.ts';
import { createToken, type Token } from './token.ts';

/** Reads `%YAML 1.1` or `%TAG !handle! prefix` with its line. */
export function scanDirective(cursor: Cursor): Token {
  const { line } = cursor;
  cursor.skip();
  const name = scanWord(cursor);
  if (name === '') throw cursor.error('could not find expected directive name');
  if (!isBlankOrEnd(cursor.current)) throw cursor.error('found unexpected non-alphabetical character');
  const token = scanParameters(cursor, name, line);
  skipRestOfLine(cursor);
  return token;
}

function scanParameters(cursor: Cursor, name: string, line: number): Token {
  if (name === 'YAML') return createToken('version-directive', line, { value: scanVersion(cursor) });
  if (name !== 'TAG') throw cursor.error('found unknown directive name');
  skipBlanks(cursor);
  const value = scanTagHandle(cursor, { inDirective: true });
  cursor.need(1);
  if (!isBlank(cursor.current)) throw cursor.error('did not find expected whitespace');
  skipBlanks(cursor);
  const suffix = scanTagUri(cursor, '');
  cursor.need(1);
  if (!isBlankOrEnd(cursor.current)) throw cursor.error('did not find expected whitespace or line break');
  return createToken('tag-directive', line, { value, suffix });
}

function scanVersion(cursor: Cursor): string {
  skipBlanks(cursor);
  const major = scanNumber(cursor);
  if (cursor.current !== DOT) throw cursor.error("did not find expected digit or '.' character");
  cursor.skip();
  return `${major}.${scanNumber(cursor)}`;
}

// YAML 1.1 knows no version number with more digits.
const MAX_DIGITS = 2;

function scanNumber(cursor: Cursor): number {
  cursor.need(1);
  const start = cursor.pos;
  while (isDigit(cursor.current)) {
    if (cursor.pos - start === MAX_DIGITS) throw cursor.error('found extremely long version number');
    cursor.skip();
    cursor.need(1);
  }
  if (cursor.pos === start) throw cursor.error('did not find expected version number');
  return Number(cursor.text.slice(start, cursor.pos));
}

function skipBlanks(cursor: Cursor): void {
  cursor.need(1);
  while (isBlank(cursor.current)) {
    cursor.skip();
    cursor.need(1);
  }
}
