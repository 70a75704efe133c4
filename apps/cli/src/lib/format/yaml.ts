import { yamlNumber } from './go-number.ts';
import { entriesInOrder, isList, isNumber, type Value } from './json-tree.ts';
import { compareNatural } from './key-order.ts';
import { emitYaml, type YamlDialect, type YamlNode } from './yaml-emit.ts';
import { resolvePlain } from './yaml-resolve.ts';

/**
 * A document in the style of every command but `interpolate`, ending in one line break (the commands that show
 * something add another one). Never throws.
 *
 * `lossless` is for files that are read again: integers that a double would round keep their digits, a block whose
 * indentation hint would be wrong gets the right one, and the Unicode line ends are escaped. Everything that the
 * original writes readably has the same bytes.
 */
export function printYaml(value: Value, options: YamlOptions = {}): string {
  return emitYaml(toNode(value, options), options.lossless === true ? losslessDialect : dialect);
}

export interface YamlOptions {
  readonly lossless?: boolean;
  /** Numbers keep the spelling of the server instead of the original's (`1e+06`). */
  readonly numbersAsWritten?: boolean;
}

const dialect: YamlDialect = {
  indent: 4,
  width: Number.POSITIVE_INFINITY,
  indentedLists: true,
  tabsInBlocks: true,
  lossless: false,
};

const losslessDialect: YamlDialect = { ...dialect, lossless: true };

function toNode(value: Value, options: YamlOptions): YamlNode {
  if (value === null) return { kind: 'plain', text: 'null' };
  if (typeof value === 'boolean') return { kind: 'plain', text: String(value) };
  if (typeof value === 'string') return textNode(value);
  if (isNumber(value)) {
    const { lossless = false, numbersAsWritten = false } = options;
    return { kind: 'plain', text: numbersAsWritten ? value.text : yamlNumber(value.text, { exact: lossless }) };
  }
  if (isList(value)) return { kind: 'list', items: value.map((item) => toNode(item, options)) };
  const entries = entriesInOrder(value, compareNatural);
  return { kind: 'map', entries: entries.map(([key, item]) => [textNode(key), toNode(item, options)]) };
}

function textNode(text: string): YamlNode {
  return { kind: 'text', text: text.toWellFormed(), ambiguous: readsAsAnotherKind(text) };
}

// YAML 1.1 words and base 60 numbers are quoted for the sake of older readers.
const oldBoolean = /^(y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/;
const base60 = /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/;

function readsAsAnotherKind(text: string): boolean {
  return oldBoolean.test(text) || base60.test(text) || resolvePlain(text, 'core').kind !== 'text';
}
