import { decodeScalar, readingOf } from './decode-scalar.ts';
import { Decoder } from './decoder.ts';
import { goSyntax } from './go-syntax.ts';
import { type EntryCollector, isLoadedMap, type Loaded } from './loaded.ts';
import type { AliasNode, CollectionNode, YamlNode } from './node.ts';
import { YamlSyntaxError } from './syntax-error.ts';

export interface V2Options {
  /** Keys such as `n` and `on` stay texts. go-yaml v2 makes them booleans, in keys as in values. */
  readonly keepWordKeys: boolean;
}

/** Decodes as gopkg.in/yaml.v2 does into `interface{}`. */
export class DecoderV2 extends Decoder {
  readonly #keepWordKeys: boolean;

  constructor({ keepWordKeys }: V2Options) {
    super('v2');
    this.#keepWordKeys = keepWordKeys;
  }

  /** Merged entries count from where the merge key stands: a key above it is replaced, one below replaces. */
  protected override fill(node: CollectionNode, entries: EntryCollector): void {
    for (const [key, value] of this.pairs(node)) {
      if (this.isMerge(key)) this.#merge(value, entries);
      else entries.set(this.#key(key), this.decode(value));
    }
  }

  #key(node: YamlNode): Loaded {
    let key: Loaded;
    if (node.kind === 'scalar') {
      this.counter.add(1);
      key = decodeScalar(node, 'v2', this.#keepWordKeys ? 'core' : readingOf('v2'));
    } else key = this.decode(node);
    if (!isLoadedMap(key) && !Array.isArray(key)) return key;
    throw new YamlSyntaxError(`invalid map key: ${goSyntax(key)}`);
  }

  #merge(value: YamlNode, entries: EntryCollector): void {
    // Backwards, since the first map of a list has the last word.
    const maps: readonly YamlNode[] = value.kind === 'list' ? value.items.toReversed() : [value];
    for (const map of maps) this.#mergeOne(this.mergeSource(map), entries);
  }

  #mergeOne(source: CollectionNode | AliasNode, entries: EntryCollector): void {
    this.counter.add(1);
    if (source.kind === 'alias') {
      this.inside(source, (target) => {
        if (target.kind !== 'scalar') this.#mergeOne(target, entries);
      });
    } else this.guarded(source, () => this.fill(source, entries));
  }
}
