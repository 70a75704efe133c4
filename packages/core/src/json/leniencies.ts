/**
 * The rules by which CredHub accepts values that are not in their strict form (docs/reference/credhub-server.md#json).
 * Each rule has a name. A field lists its rules, which are applied before its type is checked. OpenAPI describes the
 * strict form.
 */
import { type JsonNode, JsonNumber } from './tree.ts';

/** Returns the strict form, or `undefined` if the rule does not apply. */
type Rule = (node: JsonNode) => JsonNode | undefined;

/** Trims like Java's `String.trim`: characters up to U+0020, no other white space. Takes linear time. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 0x20) start++;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--;
  return text.slice(start, end);
}

const INTEGER = /^-?[0-9]+$/;
const INTEGER_TEXT = /^[+-]?[0-9]{1,10}$/;
const BOOLEAN_TEXTS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['False', false],
  ['FALSE', false],
]);
/** CredHub's own order (recorded: modes, "mode a number"). */
const MODES = ['overwrite', 'no-overwrite', 'converge'];

function is32Bit(value: number): boolean {
  return value >= -2147483648 && value <= 2147483647;
}

/** Rounds toward zero; -0 becomes 0. */
function truncated(value: number): JsonNumber | undefined {
  const integer = Math.trunc(value) + 0;
  return is32Bit(integer) ? new JsonNumber(String(integer)) : undefined;
}

export const LENIENCIES = {
  /** `12` for a text is `"12"`, with the digits of the document. */
  numberAsText: (node) => (node instanceof JsonNumber ? node.text : undefined),
  /** `true` for a text is `"true"`. */
  booleanAsText: (node) => (typeof node === 'boolean' ? String(node) : undefined),
  /** `" 40"` for an integer is `40`. */
  textAsInteger: (node) =>
    typeof node === 'string' && INTEGER_TEXT.test(trimmed(node)) ? truncated(Number(trimmed(node))) : undefined,
  /** `40.7` for an integer is `40`, `1e2` is `100`. */
  fractionAsInteger: (node) =>
    node instanceof JsonNumber && !INTEGER.test(node.text) ? truncated(Number(node.text)) : undefined,
  /** `"True"` for a boolean is `true`. */
  textAsBoolean: (node) => (typeof node === 'string' ? BOOLEAN_TEXTS.get(trimmed(node)) : undefined),
  /** `"true"` in exactly this spelling is `true`. */
  wordAsBoolean: (node) => (node === 'true' || node === 'false' ? node === 'true' : undefined),
  /** `0` for a boolean is `false`, every other integer is `true`. */
  integerAsBoolean: (node) =>
    node instanceof JsonNumber && INTEGER.test(node.text) ? /[1-9]/.test(node.text) : undefined,
  /** `" "` for a scalar that may be null is `null`. */
  blankAsNull: (node) => (typeof node === 'string' && trimmed(node) === '' ? null : undefined),
  /** `" read "` for a word of a list is `"read"`. */
  blanksAroundWord: (node) => (typeof node === 'string' ? trimmed(node) : undefined),
  /** `1` or `"1"` for a mode is its place in CredHub's list: `"no-overwrite"`. */
  placeAsMode: (node) => {
    const text = node instanceof JsonNumber ? node.text : typeof node === 'string' ? trimmed(node) : '';
    return /^[0-2]$/.test(text) ? MODES[Number(text)] : undefined;
  },
  /** `"PASSWORD"` for a credential type is `"password"`. */
  typeInAnyCase: (node) => (typeof node === 'string' ? node.toLowerCase() : undefined),
  /** The field is accepted and ignored, whatever its value is. */
  ignoredField: () => null,
} as const satisfies Readonly<Record<string, Rule>>;

export type LeniencyName = keyof typeof LENIENCIES;

/** Returns the strict form of a scalar by the first rule that applies; the node itself if none does. */
export function strictForm(node: JsonNode, names: readonly LeniencyName[]): JsonNode {
  for (const name of names) {
    const strict = LENIENCIES[name](node);
    if (strict !== undefined) return strict;
  }
  return node;
}

export const TEXT = ['numberAsText', 'booleanAsText'] as const;
export const INTEGER_KIND = ['textAsInteger', 'fractionAsInteger'] as const;
export const BOOLEAN = ['textAsBoolean', 'integerAsBoolean'] as const;
export const NULLABLE_INTEGER = ['blankAsNull', ...INTEGER_KIND] as const;
export const NULLABLE_BOOLEAN = ['blankAsNull', ...BOOLEAN] as const;
