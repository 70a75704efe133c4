/**
 * An LRU set of names that this process knows to exist. It is only a hint. For an unknown name, a value that is cheap
 * to generate is written optimistically on the condition that the name is new, which saves a read. For a known name the
 * read comes first. A wrong hint costs one extra statement and has no other effect.
 */
export interface KnownNames {
  has(name: string): boolean;
  add(name: string): void;
}

const LIMIT = 20_000;

/** Creates an empty set that evicts the least recently added name beyond `limit`. */
export function createKnownNames(limit: number = LIMIT): KnownNames {
  const names = new Set<string>();
  return {
    has: (name) => names.has(name.toLowerCase()),
    add(spelling) {
      const name = spelling.toLowerCase();
      names.delete(name);
      names.add(name);
      if (names.size > limit) for (const oldest of names.values()) return void names.delete(oldest);
    },
  };
}
