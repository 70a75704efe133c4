import { NodeCounter } from './decode-count.ts';
import { decodeScalar, isMergeKey } from './decode-scalar.ts';
import type { Dialect } from './dialect.ts';
import { EntryCollector, type Loaded } from './loaded.ts';
import type { AliasNode, CollectionNode, ScalarNode, YamlNode } from './node.ts';
import { YamlSyntaxError } from './syntax-error.ts';

/** Limits nesting, because later processing is recursive. */
const MAX_DEPTH = 1000;

/** Turns nodes into what they mean. The kinds differ in how they fill a map. */
export abstract class Decoder {
  protected readonly dialect: Dialect;
  protected readonly counter = new NodeCounter();
  /** Anchored nodes that are being read. An alias to one of them would be infinite. */
  readonly #unfinished = new Set<YamlNode>();
  readonly #known = new Map<YamlNode, { readonly value: Loaded; readonly nodes: number }>();
  #depth = 0;

  constructor(dialect: Dialect) {
    this.dialect = dialect;
  }

  /** @throws YamlSyntaxError */
  decode(node: YamlNode): Loaded {
    this.counter.add(1);
    switch (node.kind) {
      case 'scalar':
        return decodeScalar(node, this.dialect);
      case 'alias':
        return this.inside(node, (target) => this.#decodeOnce(target));
      case 'list':
        return this.guarded(node, () => node.items.map((item) => this.decode(item)));
      case 'map':
        return this.guarded(node, () => {
          const entries = new EntryCollector();
          this.fill(node, entries);
          return entries.toMap();
        });
    }
  }

  /** Adds the entries of a map that is read for its own sake. */
  protected abstract fill(node: CollectionNode, entries: EntryCollector): void;

  /** What an alias stands for is read once, and counted each time. */
  #decodeOnce(target: ScalarNode | CollectionNode): Loaded {
    const known = this.#known.get(target);
    if (known !== undefined) {
      this.counter.add(known.nodes);
      return known.value;
    }
    const before = this.counter.all;
    const value = this.decode(target);
    this.#known.set(target, { value, nodes: this.counter.all - before });
    return value;
  }

  /** Reads what an alias stands for. */
  protected inside<T>({ target, name }: AliasNode, read: (target: ScalarNode | CollectionNode) => T): T {
    if (this.#unfinished.has(target)) throw new YamlSyntaxError(`anchor '${name}' value contains itself`);
    return this.counter.inAlias(() => read(target));
  }

  /** Reads a collection, with an eye on its depth and on aliases for itself. */
  protected guarded<T>(node: CollectionNode, read: () => T): T {
    if (this.#depth === MAX_DEPTH) throw new YamlSyntaxError(`the document is nested deeper than ${MAX_DEPTH} levels`);
    this.#depth += 1;
    if (node.anchored) this.#unfinished.add(node);
    const value = read();
    this.#unfinished.delete(node);
    this.#depth -= 1;
    return value;
  }

  /** Returns a map that a merge key names. @throws YamlSyntaxError if it is none. */
  protected mergeSource(node: YamlNode): CollectionNode | AliasNode {
    const target = node.kind === 'alias' ? node.target : node;
    if (target.kind === 'map' && node.kind !== 'scalar') return node;
    throw new YamlSyntaxError('map merge requires map or sequence of maps as the value');
  }

  /** The keys and values of a map in turn. */
  protected *pairs({ items }: CollectionNode): Generator<readonly [key: YamlNode, value: YamlNode], undefined> {
    for (let index = 0; index < items.length; index += 2) {
      const key = items[index];
      const value = items[index + 1];
      if (key !== undefined && value !== undefined) yield [key, value];
    }
  }

  protected isMerge(key: YamlNode): boolean {
    return key.kind === 'scalar' && isMergeKey(key, this.dialect);
  }
}
