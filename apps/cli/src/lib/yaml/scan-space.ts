import { HASH, isBlank, isBreak, SPACE, TAB } from './characters.ts';
import type { Cursor } from './cursor.ts';
import type { Dialect } from './dialect.ts';
import { skipComment } from './scan-block.ts';

// go-yaml v3 looks no further for the next comment.
const COMMENT_LOOKAHEAD = 512;

/** Moves over blanks, comments and line breaks. Returns whether there was a line break. */
export function skipSpace(
  cursor: Cursor,
  { dialect, tabAllowed, inFlow }: { dialect: Dialect; tabAllowed: boolean; inFlow: boolean },
): boolean {
  let broken = false;
  for (;;) {
    cursor.need(1);
    if (cursor.atByteOrderMark()) cursor.skip();
    cursor.need(1);
    // Where a key may begin, a tab is no indentation.
    while (cursor.current === SPACE || (cursor.current === TAB && (inFlow || (tabAllowed && !broken)))) {
      cursor.skip();
      cursor.need(1);
    }
    if (cursor.current === HASH) {
      skipComment(cursor);
      if (dialect === 'v3') skipFurtherComments(cursor);
    }
    if (!isBreak(cursor.current)) return broken;
    cursor.need(2);
    cursor.readBreak();
    broken = true;
  }
}

/** Moves over the comments in the lines below, which v3 collects whatever their indentation is made of. */
function skipFurtherComments(cursor: Cursor): void {
  for (let distance = 0; distance < COMMENT_LOOKAHEAD; distance++) {
    cursor.need(distance + 1);
    const code = cursor.at(distance);
    if (code === HASH) {
      moveTo(cursor, cursor.pos + distance);
      skipComment(cursor);
      distance = -1;
    } else if (!isBlank(code) && code !== 0x0a && code !== 0x0d) return;
  }
}

/** Moves over a comment behind a token, as v3 does also where v2 would stumble over a tab before it. */
export function skipLineComment(cursor: Cursor): void {
  let before = cursor.pos - 1;
  while (before >= 0 && isBlank(cursor.text.charCodeAt(before))) before -= 1;
  if (before < 0 || isBreak(cursor.text.charCodeAt(before))) return;
  for (let distance = 0; distance < COMMENT_LOOKAHEAD; distance++) {
    cursor.need(distance + 1);
    const code = cursor.at(distance);
    if (code === HASH) {
      moveTo(cursor, cursor.pos + distance);
      skipComment(cursor);
      return;
    }
    if (!isBlank(code)) return;
  }
}

function moveTo(cursor: Cursor, place: number): void {
  while (cursor.pos < place) {
    if (isBreak(cursor.current)) cursor.readBreak();
    else cursor.skip();
  }
}
