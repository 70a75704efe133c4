import { YamlSyntaxError } from './syntax-error.ts';

// The limits of go-yaml. Up to the first number of nodes nearly all may come from aliases, from the second on a tenth.
const FREE_NODES = 400_000;
const CROWDED_NODES = 4_000_000;
const FREE_RATIO = 0.99;
const CROWDED_RATIO = 0.1;

/** Counts nodes, so that a short text with aliases of aliases does not unfold to gigabytes. */
export class NodeCounter {
  /** The document counts as one. */
  #all = 1;
  #fromAliases = 0;
  #aliasDepth = 0;

  get all(): number {
    return this.#all;
  }

  /** @throws YamlSyntaxError if too many nodes come from aliases. */
  add(nodes: number): void {
    this.#all += nodes;
    if (this.#aliasDepth > 0) this.#fromAliases += nodes;
    if (this.#fromAliases <= 100 || this.#all <= 1000) return;
    if (this.#fromAliases / this.#all > allowedRatio(this.#all)) {
      throw new YamlSyntaxError('document contains excessive aliasing');
    }
  }

  /** Counts what `read` reads as coming from an alias. */
  inAlias<T>(read: () => T): T {
    this.#aliasDepth += 1;
    const value = read();
    this.#aliasDepth -= 1;
    return value;
  }
}

function allowedRatio(nodes: number): number {
  const crowding = (nodes - FREE_NODES) / (CROWDED_NODES - FREE_NODES);
  return FREE_RATIO - (FREE_RATIO - CROWDED_RATIO) * Math.min(Math.max(crowding, 0), 1);
}
