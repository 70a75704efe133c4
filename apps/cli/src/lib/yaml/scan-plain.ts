import { COLON, HASH, isBlank, isBlankOrEnd, isBreak, TAB } from './characters.ts';
import type { Cursor } from './cursor.ts';
import { LineFolder } from './line-folder.ts';

interface PlainScalar {
  readonly value: string;
  /** Whether line breaks behind the scalar were read. */
  readonly endsLine: boolean;
}

/** Reads a scalar without quotes, which may go on in lines that are indented by `indent` or stand in a flow collection. */
export function scanPlain(cursor: Cursor, { indent, inFlow }: { indent: number; inFlow: boolean }): PlainScalar {
  const folder = new LineFolder();
  let value = '';
  let start = cursor.pos;
  let end = start;
  let endsLine = false;
  for (;;) {
    cursor.need(4);
    if (cursor.atDocumentMarker() || cursor.current === HASH) break;
    for (let code = cursor.current; !isBlankOrEnd(code); code = cursor.current) {
      if (code === COLON && isBlankOrEnd(cursor.at(1))) break;
      if (inFlow && isFlowIndicator(code)) break;
      if (endsLine) {
        value += folder.fold();
        start = cursor.pos;
        endsLine = false;
      }
      cursor.skip();
      end = cursor.pos;
      cursor.need(2);
    }
    if (!isBlank(cursor.current) && !isBreak(cursor.current)) break;
    cursor.need(1);
    for (let code = cursor.current; isBlank(code) || isBreak(code); code = cursor.current) {
      if (isBlank(code)) {
        if (endsLine && code === TAB && cursor.column < indent) {
          throw cursor.error('found a tab character that violates indentation');
        }
        cursor.skip();
      } else {
        cursor.need(2);
        if (!endsLine) value += cursor.text.slice(start, end);
        endsLine = true;
        folder.add(cursor.readBreak());
      }
      cursor.need(1);
    }
    if (!inFlow && cursor.column < indent) break;
  }
  return { value: endsLine ? value : value + cursor.text.slice(start, end), endsLine };
}

/** `,` `?` `[` `]` `{` `}` */
function isFlowIndicator(code: number): boolean {
  return code === 0x2c || code === 0x3f || code === 0x5b || code === 0x5d || code === 0x7b || code === 0x7d;
}
