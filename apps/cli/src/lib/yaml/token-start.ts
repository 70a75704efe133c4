import { COLON, DASH, isBlankOrEnd, QUESTION } from './characters.ts';
import type { TokenKind } from './token.ts';

/** Tokens by what begins them. */
export type TokenStart =
  | Exclude<TokenKind, 'scalar'>
  | 'literal'
  | 'folded'
  | 'single-quoted'
  | 'double-quoted'
  | 'plain';

const INDICATORS: Readonly<Record<string, TokenStart>> = {
  '[': 'flow-sequence-start',
  ']': 'flow-sequence-end',
  '{': 'flow-mapping-start',
  '}': 'flow-mapping-end',
  ',': 'flow-entry',
  '&': 'anchor',
  '*': 'alias',
  '!': 'tag',
  "'": 'single-quoted',
  '"': 'double-quoted',
};

const BLOCK_SCALARS: Readonly<Record<string, TokenStart>> = { '|': 'literal', '>': 'folded' };

/** What no token begins with, or not in a flow collection. */
const RESERVED = '#|>%@`';

/** Returns which token begins with a character, by the one behind it; undefined for none (YAML 1.1, 5.3). */
export function tokenStart(code: number, following: number, { inFlow }: { inFlow: boolean }): TokenStart | undefined {
  const alone = isBlankOrEnd(following);
  if (code === DASH) return alone ? 'block-entry' : 'plain';
  if (code === QUESTION) return inFlow || alone ? 'key' : 'plain';
  if (code === COLON) return inFlow || alone ? 'value' : 'plain';
  if (isBlankOrEnd(code)) return undefined;
  const character = String.fromCharCode(code);
  const start = INDICATORS[character] ?? (inFlow ? undefined : BLOCK_SCALARS[character]);
  if (start !== undefined) return start;
  return RESERVED.includes(character) ? undefined : 'plain';
}
