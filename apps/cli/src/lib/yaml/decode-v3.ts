import { decodeScalar, scalarTag } from './decode-scalar.ts';
import { Decoder } from './decoder.ts';
import {
  EntryCollector,
  identityOf,
  isLoadedBytes,
  isLoadedMap,
  type Loaded,
  type LoadedBytes,
  type LoadedMap,
} from './loaded.ts';
import type { AliasNode, CollectionNode, YamlNode } from './node.ts';
import { YamlSyntaxError } from './syntax-error.ts';

/** How a map is filled: with keys of any kind or, where Go has a `map[string]…`, with texts. */
interface Filling {
  readonly textKeys: boolean;
  /** Keys that are taken, while the entries of other maps are merged. */
  readonly taken?: Set<string>;
}

/** Decodes as go.yaml.in/yaml/v3 does. What it refuses it refuses as a whole; the messages are shown to nobody. */
export class DecoderV3 extends Decoder {
  constructor() {
    super('v3');
  }

  protected override fill(node: CollectionNode, entries: EntryCollector): void {
    this.#fill(node, entries, { textKeys: this.#hasTextKeys(node) });
  }

  /** A map with text keys: the value of a Go type `map[string]interface{}`. Null is no map. */
  decodeTextMap(node: YamlNode): LoadedMap | null {
    this.counter.add(1);
    if (node.kind === 'alias') return this.inside(node, (target) => this.decodeTextMap(target));
    if (node.kind === 'scalar' && decodeScalar(node, 'v3') === null) return null;
    if (node.kind !== 'map') throw cannotUnmarshal(node, 'a map');
    return this.guarded(node, () => {
      const entries = new EntryCollector();
      this.#fill(node, entries, { textKeys: true });
      return entries.toMap();
    });
  }

  /** The value of a Go type `[]map[string]interface{}`. */
  decodeMapList(node: YamlNode): (LoadedMap | null)[] | null {
    this.counter.add(1);
    if (node.kind === 'alias') return this.inside(node, (target) => this.decodeMapList(target));
    if (node.kind === 'scalar' && decodeScalar(node, 'v3') === null) return null;
    if (node.kind !== 'list') throw cannotUnmarshal(node, 'a list');
    return this.guarded(node, () => node.items.map((item) => this.decodeTextMap(item)));
  }

  /**
   * The value of the only field of a Go struct, wherever merge keys bring it from; undefined if it is missing. Values of
   * other fields are not decoded.
   */
  findField<T>(node: YamlNode, name: string, read: (value: YamlNode) => T): T | undefined {
    this.counter.add(1);
    if (node.kind === 'alias') return this.inside(node, (target) => this.findField(target, name, read));
    if (node.kind === 'scalar' && decodeScalar(node, 'v3') === null) return undefined;
    if (node.kind !== 'map') throw cannotUnmarshal(node, 'a struct');
    return this.guarded(node, () => this.#findField(node, name, read));
  }

  #findField<T>(node: CollectionNode, name: string, read: (value: YamlNode) => T): T | undefined {
    this.#requireUniqueKeys(node);
    let found: { readonly value: T } | undefined;
    let merged: YamlNode | undefined;
    for (const [key, value] of this.pairs(node)) {
      if (this.isMerge(key)) merged = value;
      else if (this.#textKey(key) === name) {
        if (found !== undefined) throw new YamlSyntaxError(`field ${name} already set`);
        found = { value: read(value) };
      }
    }
    if (merged === undefined) return found?.value;
    // As where maps are merged: a key that is a collection is refused.
    this.#keysOf(node);
    for (const map of mapsIn(merged)) {
      const source = this.mergeSource(map);
      const value = this.findField(source, name, (item) => (found === undefined ? read(item) : undefined));
      if (value !== undefined) found ??= { value };
    }
    return found?.value;
  }

  #fill(node: CollectionNode, entries: EntryCollector, { textKeys, taken }: Filling): void {
    this.#requireUniqueKeys(node);
    let merged: YamlNode | undefined;
    for (const [keyNode, valueNode] of this.pairs(node)) {
      if (this.isMerge(keyNode)) {
        merged = valueNode;
        continue;
      }
      const key = textKeys ? this.#textKey(keyNode) : this.#anyKey(keyNode);
      if (key === undefined) continue;
      const identity = identityOf(key);
      if (taken?.has(identity) === true) continue;
      taken?.add(identity);
      entries.set(key, this.decode(valueNode));
    }
    if (merged !== undefined) this.#merge(merged, entries, { textKeys, taken: taken ?? this.#keysOf(node) });
  }

  #merge(merged: YamlNode, entries: EntryCollector, filling: Filling): void {
    for (const map of mapsIn(merged)) this.#mergeOne(this.mergeSource(map), entries, filling);
  }

  #mergeOne(source: CollectionNode | AliasNode, entries: EntryCollector, filling: Filling): void {
    this.counter.add(1);
    if (source.kind === 'alias') {
      this.inside(source, (target) => {
        if (target.kind !== 'scalar') this.#mergeOne(target, entries, filling);
      });
    } else this.guarded(source, () => this.#fill(source, entries, filling));
  }

  #keysOf(node: CollectionNode): Set<string> {
    return new Set(Array.from(this.pairs(node), ([key]) => identityOf(this.#anyKey(key))));
  }

  #anyKey(node: YamlNode): Loaded {
    const key = this.decode(node);
    if (isLoadedMap(key) || Array.isArray(key)) throw new YamlSyntaxError('invalid map key');
    return key;
  }

  /** A key for a Go string; undefined for null, whose entry is left out. */
  #textKey(node: YamlNode): string | LoadedBytes | undefined {
    this.counter.add(1);
    if (node.kind === 'alias') return this.inside(node, (target) => this.#textKey(target));
    if (node.kind !== 'scalar') throw cannotUnmarshal(node, 'a string');
    const key = decodeScalar(node, 'v3');
    if (key === null) return undefined;
    return typeof key === 'string' || isLoadedBytes(key) ? key : node.value;
  }

  #hasTextKeys(node: CollectionNode): boolean {
    return Array.from(this.pairs(node)).every(([key]) => {
      const target = key.kind === 'alias' ? key.target : key;
      if (target.kind !== 'scalar') return false;
      const tag = scalarTag(target, 'v3');
      return tag === '!!str' || tag === '!!merge';
    });
  }

  /** Keys are compared as they are written. Of collections only the kind counts. */
  #requireUniqueKeys(node: CollectionNode): void {
    const seen = new Set<string>();
    for (const [key] of this.pairs(node)) {
      const text = key.kind === 'scalar' ? key.value : key.kind === 'alias' ? key.name : '';
      const identity = `${key.kind} ${text}`;
      if (seen.has(identity)) throw new YamlSyntaxError(`mapping key ${JSON.stringify(text)} already defined`);
      seen.add(identity);
    }
  }
}

/** The value of a merge key: a map, or a list of maps. */
function mapsIn(node: YamlNode): readonly YamlNode[] {
  return node.kind === 'list' ? node.items : [node];
}

function cannotUnmarshal({ kind }: YamlNode, into: string): YamlSyntaxError {
  return new YamlSyntaxError(`cannot unmarshal a ${kind} into ${into}`);
}
