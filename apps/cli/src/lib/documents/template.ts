import { yamlNumber } from '../format/go-number.ts';
import { isList, isNumber, type Value } from '../format/json-tree.ts';
import { compareNatural } from '../format/key-order.ts';
import { emitYaml, type YamlDialect, type YamlNode } from '../format/yaml-emit.ts';
import { resolvePlain } from '../format/yaml-resolve.ts';
import { isLoadedBytes, isLoadedMap, isLoadedTime, type Loaded, readYamlV2, type YamlSource } from '../yaml/read.ts';

/** A template, or a part of one that was filled: as YAML 1.1 reads it, keys of any kind. */
export type TemplateNode =
  | null
  | boolean
  | string
  | TemplateNumber
  | TemplateBytes
  | readonly TemplateNode[]
  | TemplateMap;

interface TemplateNumber {
  /** As it is printed. */
  readonly number: string;
}

/** Binary data that is no text. */
interface TemplateBytes {
  readonly kind: 'bytes';
  readonly base64: string;
}

export interface TemplateMap {
  readonly kind: 'map';
  readonly entries: readonly (readonly [TemplateNode, TemplateNode])[];
}

/** Reads a template. @throws YamlSyntaxError */
export function readTemplate(source: YamlSource): TemplateNode {
  // A key such as `n:` or `on:` is a name; the original prints it as `false:` or `true:`
  // (docs/reference/divergences.md).
  return fromLoaded(readYamlV2(source, { keepWordKeys: true }));
}

/** A value of a credential as part of a template. */
export function toTemplate(value: Value): TemplateNode {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (isNumber(value)) return { number: yamlNumber(value.text, { exact: true }) };
  if (isList(value)) return value.map(toTemplate);
  return { kind: 'map', entries: Array.from(value.entries, ([key, item]) => [key, toTemplate(item)]) };
}

export function isTemplateMap(node: TemplateNode | undefined): node is TemplateMap {
  return typeof node === 'object' && node !== null && 'kind' in node && node.kind === 'map';
}

export function isTemplateBytes(node: TemplateNode | undefined): node is TemplateBytes {
  return typeof node === 'object' && node !== null && 'kind' in node && node.kind === 'bytes';
}

/** Prints in the style of `interpolate`: indent of two, lists not indented, folded at column 80, keys sorted. */
export function printTemplate(node: TemplateNode): string {
  return emitYaml(toYaml(node), dialect);
}

const dialect: YamlDialect = { indent: 2, width: 80, indentedLists: false, tabsInBlocks: false, lossless: false };

function fromLoaded(value: Loaded): TemplateNode {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return { number: String(value) };
  if (typeof value === 'number') return { number: floatText(value) };
  if (isLoadedTime(value)) return value.written;
  if (isLoadedBytes(value)) return value;
  if (!isLoadedMap(value)) return value.map(fromLoaded);
  return { kind: 'map', entries: value.entries.map(([key, item]) => [fromLoaded(key), fromLoaded(item)]) };
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  return yamlNumber(String(value), { exact: false });
}

function toYaml(node: TemplateNode): YamlNode {
  if (node === null || typeof node === 'boolean') return { kind: 'plain', text: String(node) };
  if (typeof node === 'string') return { kind: 'text', text: node.toWellFormed(), ambiguous: isAmbiguous(node) };
  if (isTemplateMap(node)) {
    const entries = node.entries.toSorted(([a], [b]) => compareKeys(a, b));
    return { kind: 'map', entries: entries.map(([key, item]) => [toYaml(key), toYaml(item)]) };
  }
  if (isTemplateBytes(node)) return { kind: 'plain', text: `!!binary ${node.base64}` };
  return 'number' in node ? { kind: 'plain', text: node.number } : { kind: 'list', items: node.map(toYaml) };
}

const base60 = /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/;

function isAmbiguous(text: string): boolean {
  return base60.test(text) || resolvePlain(text, 'old').kind !== 'text';
}

/** Null, then booleans and numbers by size, then texts in natural order. */
function compareKeys(a: TemplateNode, b: TemplateNode): number {
  if (typeof a === 'string' && typeof b === 'string') return compareNatural(a, b);
  return rank(a) - rank(b) || size(a) - size(b);
}

function rank(key: TemplateNode): number {
  if (key === null) return 0;
  return typeof key === 'string' ? 2 : 1;
}

function size(key: TemplateNode): number {
  if (typeof key === 'boolean') return Number(key);
  return typeof key === 'object' && key !== null && 'number' in key
    ? Number(key.number.replace('.inf', 'Infinity'))
    : 0;
}
