import { isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments, Scalar } from 'yaml';
import { type Reading, resolvePlain } from '../format/yaml-resolve.ts';

/** A YAML document as read: keys of any kind, integers as bigint, floats as number, times apart from texts. */
export type Loaded = null | boolean | string | bigint | number | LoadedTime | LoadedList | LoadedMap;
type LoadedList = readonly Loaded[];

export interface LoadedTime {
  readonly kind: 'time';
  readonly written: string;
  /** RFC 3339 with zone. */
  readonly text: string;
}

export interface LoadedMap {
  readonly kind: 'map';
  readonly entries: readonly (readonly [Loaded, Loaded])[];
}

/** Text that is no YAML; `line` counts from 1. */
export class YamlSyntaxError extends Error {
  override readonly name = 'YamlSyntaxError';
  readonly line: number;

  constructor(line: number, problem: string) {
    super(`yaml: line ${line}: ${problem}`);
    this.line = line;
  }
}

export interface YamlReading {
  readonly reading: Reading;
  /** Whether a key that is written twice is an error; otherwise the last one counts. */
  readonly uniqueKeys: boolean;
}

// Aliases may repeat a part of the document; beyond this many nodes it is an attack, not a file.
const maxNodes = 2_000_000;
const maxDepth = 1000;

/**
 * Reads the first document of a text; null if there is none. Anchors, aliases and merge keys are resolved.
 * @throws YamlSyntaxError
 */
export function readYaml(text: string, { reading, uniqueKeys }: YamlReading): Loaded {
  const document = parseAllDocuments(text, { schema: 'failsafe', uniqueKeys, merge: false, strict: true })[0];
  if (document === undefined || !('contents' in document)) return null;
  const error = document.errors[0];
  if (error) throw new YamlSyntaxError(error.linePos?.[0].line ?? 1, problemOf(error.code, error.message));
  return document.contents === null ? null : new Loader(text, reading).node(document.contents, 0);
}

function problemOf(code: string, message: string): string {
  // An unfinished flow collection, `a: [`, as the original names it.
  const unfinished = code === 'MISSING_CHAR' || code === 'UNEXPECTED_TOKEN' || message.startsWith('Flow ');
  if (unfinished) return 'did not find expected node content';
  return (message.split('\n')[0] ?? message).replace(/ at line [0-9].*$/, '');
}

class Loader {
  readonly #text: string;
  readonly #reading: Reading;
  readonly #anchors = new Map<string, { value: Loaded; nodes: number }>();
  #nodes = 0;

  constructor(text: string, reading: Reading) {
    this.#text = text;
    this.#reading = reading;
  }

  node(node: unknown, depth: number, reading = this.#reading): Loaded {
    this.#count(1, node);
    if (depth > maxDepth) throw this.#error(node, 'exceeded max depth');
    if (isAlias(node)) {
      const anchor = this.#anchors.get(node.source);
      if (!anchor) throw this.#error(node, `unknown anchor '${node.source}' referenced`);
      this.#count(anchor.nodes, node);
      return anchor.value;
    }
    const before = this.#nodes;
    const value = this.#content(node, depth, reading);
    const name = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (name !== undefined) this.#anchors.set(name, { value, nodes: this.#nodes - before });
    return value;
  }

  #content(node: unknown, depth: number, reading: Reading): Loaded {
    if (isSeq(node)) return node.items.map((item) => this.node(item, depth + 1));
    if (isMap(node)) {
      const own: [Loaded, Loaded][] = [];
      const merged: [Loaded, Loaded][] = [];
      for (const pair of node.items) {
        if (isMergeKey(pair.key)) merged.push(...this.#merged(pair.value, depth));
        // A key such as `n:` or `on:` is a name; the original prints it as `false:` or `true:` (cli-facts 11).
        else own.push([this.node(pair.key, depth + 1, 'core'), this.node(pair.value, depth + 1)]);
      }
      return { kind: 'map', entries: lastOfEach([...merged.toReversed(), ...own]) };
    }
    return isScalar(node) ? this.#scalar(node, reading) : null;
  }

  /** The entries behind `<<`: a mapping, or a list of mappings of which the first one counts most. */
  #merged(source: unknown, depth: number): [Loaded, Loaded][] {
    const value = this.node(source, depth + 1);
    const maps = Array.isArray(value) ? value : [value];
    const entries: [Loaded, Loaded][] = [];
    for (const map of maps) {
      if (!isLoadedMap(map)) throw this.#error(source, 'map merge requires map or sequence of maps as the value');
      for (const [key, item] of map.entries) entries.push([key, item]);
    }
    return entries;
  }

  #scalar(node: Scalar, reading: Reading): Loaded {
    const source = typeof node.value === 'string' ? node.value : '';
    const tag = node.tag?.replace('tag:yaml.org,2002:', '!!');
    if (node.value instanceof Uint8Array) return Buffer.from(node.value).toString();
    const plain = node.type === undefined || node.type === Scalar.PLAIN;
    const untagged = tag === undefined || !tag.startsWith('!!');
    if (tag === '!!str' || (untagged && !plain)) return source;
    const resolved = resolvePlain(source, reading);
    switch (resolved.kind) {
      case 'text':
        return source;
      case 'null':
        return null;
      case 'boolean':
        return resolved.value;
      case 'integer':
        return tag === '!!float' ? Number(resolved.value) : resolved.value;
      case 'float':
        return resolved.value;
      case 'time':
        return { kind: 'time', written: source, text: resolved.text };
    }
  }

  #count(nodes: number, node: unknown): void {
    this.#nodes += nodes;
    if (this.#nodes > maxNodes) throw this.#error(node, 'document contains excessive aliasing');
  }

  #error(node: unknown, problem: string): YamlSyntaxError {
    const at = (node as Node | null)?.range?.[0] ?? 0;
    return new YamlSyntaxError(this.#text.slice(0, at).split('\n').length, problem);
  }
}

export function isLoadedMap(value: Loaded | undefined): value is LoadedMap {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'map';
}

export function isLoadedTime(value: Loaded | undefined): value is LoadedTime {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'time';
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && (key.type === undefined || key.type === Scalar.PLAIN);
}

function lastOfEach(entries: readonly [Loaded, Loaded][]): [Loaded, Loaded][] {
  const found = new Map<unknown, [Loaded, Loaded]>();
  for (const entry of entries) {
    const [key] = entry;
    found.set(typeof key === 'object' && key !== null ? key : `${typeof key} ${String(key)}`, entry);
  }
  return [...found.values()];
}
