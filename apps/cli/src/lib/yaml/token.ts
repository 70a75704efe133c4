/** A unit of YAML's presentation, with the indentation already made into begins and ends. */
export interface Token {
  readonly kind: TokenKind;
  /** Where it begins, from 0. */
  readonly line: number;
  /** The text of a scalar, the name of an anchor or alias, the handle of a tag or tag directive, a version. */
  readonly value: string;
  /** The rest of a tag, or the prefix of a tag directive. */
  readonly suffix: string;
  /** A scalar without quotes and block indicators. */
  readonly plain: boolean;
  /** Set when the token may turn out to begin a key. */
  readonly simpleKey: SimpleKey | undefined;
}

export type TokenKind =
  | 'stream-start'
  | 'stream-end'
  | 'version-directive'
  | 'tag-directive'
  | 'document-start'
  | 'document-end'
  | 'block-sequence-start'
  | 'block-mapping-start'
  | 'block-end'
  | 'flow-sequence-start'
  | 'flow-sequence-end'
  | 'flow-mapping-start'
  | 'flow-mapping-end'
  | 'block-entry'
  | 'flow-entry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

/** A place where a key without `?` may have begun; a `:` behind it decides. */
export interface SimpleKey {
  possible: boolean;
  /** Whether its token is held back until it is clear whether it begins a key. */
  awaited: boolean;
  /** In a block mapping nothing but a key may stand here. */
  readonly required: boolean;
  readonly line: number;
  readonly index: number;
  readonly column: number;
}

export type TokenDetails = Partial<Pick<Token, 'value' | 'suffix' | 'plain' | 'simpleKey'>>;

export function createToken(kind: TokenKind, line: number, details: TokenDetails = {}): Token {
  const { value = '', suffix = '', plain = false, simpleKey } = details;
  return { kind, line, value, suffix, plain, simpleKey };
}
